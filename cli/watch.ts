import {
  DescribeExecutionCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  paginateListExecutions,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { ApiFailure } from './api/failure';
import { advance, type Course, hasEnded, latestOf, nameOf, newCourse, parse } from './course';
import type { Deployment } from './deployment';
import { isDenied } from './failure';
import type { Surroundings } from './surroundings';

export interface Watcher {
  sfn: SFNClient;
  clock: Surroundings['clock'];
}

/** Polls once a second while something happens, and down to every ten seconds while nothing does. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;
/** A laptop that was closed, a network that was changed: only what lasts ends the following. */
const FORGIVEN_MS = 120_000;
/** Events on a page: the most that there are for a whole history, few for what is new of it. */
const WHOLE_PAGE = 1_000;
const NEW_PAGE = 100;

/** The course of an execution up to now. */
export async function read(sfn: SFNClient, executionArn: string): Promise<Course> {
  const course = newCourse(executionArn);
  for (const event of await eventsAfter(sfn, executionArn, 0)) advance(course, event);
  return course;
}

/** Follows an execution to its end. `onEvent` is told of every event once, after the course has taken it in. */
export async function watch(
  { sfn, clock }: Watcher,
  executionArn: string,
  onEvent: (event: HistoryEvent, course: Course) => Promise<void> | void = () => undefined,
): Promise<Course> {
  const course = newCourse(executionArn);
  const next = patiently(clock, () => eventsAfter(sfn, executionArn, course.events.at(-1)?.id ?? 0));
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
    const fresh = await next();
    for (const event of fresh) {
      advance(course, event);
      await onEvent(event, course);
    }
    if (hasEnded(course)) return course;
    if (fresh.length > 0) wait = FIRST_WAIT_MS;
    await clock.sleep(wait);
  }
}

/** Looks that may fail for a while: what a failed one answers is nothing new. */
export function patiently<T>(clock: Watcher['clock'], look: () => Promise<T[]>): () => Promise<T[]> {
  let failingSince: number | undefined;
  return async () => {
    try {
      const found = await look();
      failingSince = undefined;
      return found;
    } catch (error) {
      failingSince ??= clock.now();
      if (
        isDenied(error) ||
        (error instanceof ApiFailure && error.isLasting) ||
        clock.now() - failingSince > FORGIVEN_MS
      )
        throw error;
      return [];
    }
  };
}

/** The events after the one with id `seen`. Newest first, so that a run of half a day is not read from its start each time. */
async function eventsAfter(client: SFNClient, executionArn: string, seen: number): Promise<HistoryEvent[]> {
  const fresh = new Map<number, HistoryEvent>();
  const pageSize = seen === 0 ? WHOLE_PAGE : NEW_PAGE;
  const newestFirst = { executionArn, reverseOrder: true };
  for await (const { events = [] } of paginateGetExecutionHistory({ client, pageSize }, newestFirst)) {
    const newer = events.filter(({ id = 0 }) => id > seen);
    for (const event of newer) fresh.set(event.id ?? 0, event);
    if (newer.length < events.length) break;
  }
  return [...fresh.values()].sort(({ id: a = 0 }, { id: b = 0 }) => a - b);
}

/** EventBridge needs seconds; after two minutes it is sweep's turn, which looks every fifteen. */
const RECOVERY_PATIENCE_MS = 120_000;

/**
 * The latest recovery of an elevation that could not restore by itself, once one has been started.
 * @param patienceMs how long to wait for it
 * @returns its execution's ARN; undefined when there is none by then
 */
export async function findRecovery(
  { sfn, clock }: Watcher,
  deployment: Deployment,
  elevation: Course,
  patienceMs = RECOVERY_PATIENCE_MS,
): Promise<string | undefined> {
  const look = patiently(clock, async () => [await recoveryOf(sfn, deployment, elevation)]);
  for (const deadline = clock.now() + patienceMs; ; await clock.sleep(FIRST_WAIT_MS)) {
    const [found] = await look();
    if (found || clock.now() >= deadline) return found;
  }
}

async function recoveryOf(client: SFNClient, { recovery }: Deployment, elevation: Course): Promise<string | undefined> {
  // Its name begins with the elevation's; a recovery's name has at most 80 characters, 17 of them its own.
  const prefix = `${nameOf(elevation.executionArn).slice(0, 63)}-`;
  const newestFirst = { stateMachineArn: recovery };
  for await (const { executions = [] } of paginateListExecutions({ client }, newestFirst)) {
    for (const { name, executionArn, startDate } of executions) {
      if (startDate && startDate.getTime() < latestOf(elevation)) return undefined;
      if (!name?.startsWith(prefix)) continue;
      const { input } = await client.send(new DescribeExecutionCommand({ executionArn }));
      const { execution } = parse(input) as { execution?: string };
      if (execution === elevation.executionArn) return executionArn;
    }
  }
  return undefined;
}
