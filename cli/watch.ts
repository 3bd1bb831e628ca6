import {
  DescribeExecutionCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  paginateListExecutions,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { advance, type Course, hasEnded, nameOf, newCourse } from './course';
import type { Deployment } from './deployment';
import type { Surroundings } from './surroundings';

export interface Watcher {
  sfn: SFNClient;
  clock: Surroundings['clock'];
}

/** Polls once a second while something happens, and down to every ten seconds while nothing does. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;

/** The course of an execution up to now. */
export async function read(sfn: SFNClient, executionArn: string): Promise<Course> {
  const course = newCourse(executionArn);
  for (const event of await eventsAfter(sfn, executionArn, 0)) advance(course, event);
  return course;
}

/** A laptop that was closed, a network that was changed: only what lasts ends the following. */
const FORGIVEN = 4;

/** Follows an execution to its end. `onEvent` is told of every event once, after the course has taken it in. */
export async function watch(
  { sfn, clock }: Watcher,
  executionArn: string,
  onEvent: (event: HistoryEvent, course: Course) => Promise<void> | void = () => undefined,
): Promise<Course> {
  const course = newCourse(executionArn);
  let failures = 0;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
    const fresh = await eventsAfter(sfn, executionArn, course.events.length).catch((error) => {
      failures += 1;
      if (failures > FORGIVEN) throw error;
      return undefined;
    });
    if (fresh) failures = 0;
    for (const event of fresh ?? []) {
      advance(course, event);
      await onEvent(event, course);
    }
    if (hasEnded(course)) return course;
    if (fresh?.length) wait = FIRST_WAIT_MS;
    await clock.sleep(wait);
  }
}

/** The events after the first `seen`. Newest first, so that a run of half a day is not read from its start each time. */
async function eventsAfter(client: SFNClient, executionArn: string, seen: number): Promise<HistoryEvent[]> {
  const fresh: HistoryEvent[] = [];
  const newestFirst = { executionArn, reverseOrder: true };
  for await (const { events = [] } of paginateGetExecutionHistory({ client }, newestFirst)) {
    const newer = events.filter(({ id = 0 }) => id > seen);
    fresh.push(...newer);
    if (newer.length < events.length) break;
  }
  return fresh.reverse();
}

/** EventBridge needs seconds; after two minutes it is sweep's turn, which looks every fifteen. */
const PATIENCE_MS = 120_000;

/**
 * The recovery of an elevation that could not restore by itself, once it has been started.
 * @returns its execution's ARN; undefined when there is none within `patienceMs`
 */
export async function findRecovery(
  { sfn, clock }: Watcher,
  { recovery }: Deployment,
  elevationArn: string,
  patienceMs = PATIENCE_MS,
): Promise<string | undefined> {
  // Its name begins with the elevation's; a recovery's name has at most 80 characters, 17 of them its own.
  const prefix = `${nameOf(elevationArn).slice(0, 63)}-`;
  for (const deadline = clock.now() + patienceMs; ; await clock.sleep(FIRST_WAIT_MS)) {
    for await (const { executions = [] } of paginateListExecutions({ client: sfn }, { stateMachineArn: recovery })) {
      for (const { name, executionArn } of executions) {
        if (!name?.startsWith(prefix)) continue;
        const { input } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (JSON.parse(input ?? '{}').execution === elevationArn) return executionArn;
      }
      // Newest first: it was started moments ago, or, asked for later, is among the latest hundred.
      break;
    }
    if (clock.now() >= deadline) return undefined;
  }
}
