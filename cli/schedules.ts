import {
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  paginateListSchedules,
  type SchedulerClient,
} from '@aws-sdk/client-scheduler';
import { InvalidExpression, nextOccurrences, parseExpression, wallText } from '../calendar';
import { nearest } from '../state-machine/nearest';
import { type ScheduledRequest, scheduleInputSchema } from '../state-machine/schedule';
import { refused } from './failure';

/** A schedule as EventBridge Scheduler has it now, whoever changed it last. */
export interface ShownSchedule {
  name: string;
  description: string;
  schedule: string;
  timeZone: string;
  enabled: boolean;
  start: string | null;
  end: string | null;
  flexibleWindowMinutes: number | null;
  /** Null: it is not as StepUp writes it. */
  request: ScheduledRequest | null;
  /** The next times, in UTC; none while it is disabled, or when they are not known. */
  next: string[];
  /** Why there are none, or how sure they are; '' is sure. */
  note: string;
}

const HOW_MANY = 5;

const isMissing = (error: unknown): boolean => (error as Error).name === 'ResourceNotFoundException';

/** Names of the deployment's schedules; none where it has no group of them, because it is older than they are. */
export async function scheduleNames(client: SchedulerClient, GroupName: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { Schedules = [] } of paginateListSchedules({ client }, { GroupName })) {
      names.push(...Schedules.map(({ Name = '' }) => Name));
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return names;
}

/** @throws CommandFailure (refused) when there is none of that name, with those that there are */
export async function readSchedule(
  scheduler: SchedulerClient,
  GroupName: string,
  Name: string,
  now: number,
): Promise<ShownSchedule> {
  try {
    return shown(await scheduler.send(new GetScheduleCommand({ GroupName, Name })), now);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const names = await scheduleNames(scheduler, GroupName);
    const near = nearest(Name, names);
    const there = names.length > 0 ? `There is: ${names.join(', ')}.` : 'There are none.';
    throw refused(`There is no schedule '${Name}'${near ? `; did you mean '${near}'?` : '.'} ${there}`);
  }
}

function shown(found: GetScheduleCommandOutput, now: number): ShownSchedule {
  const { Name = '', Description = '', ScheduleExpression = '', ScheduleExpressionTimezone = 'UTC' } = found;
  return {
    name: Name,
    description: Description,
    schedule: ScheduleExpression,
    timeZone: ScheduleExpressionTimezone,
    enabled: found.State !== 'DISABLED',
    start: found.StartDate?.toISOString() ?? null,
    end: found.EndDate?.toISOString() ?? null,
    flexibleWindowMinutes: found.FlexibleTimeWindow?.MaximumWindowInMinutes ?? null,
    request: requestIn(found.Target?.Input),
    ...timesOf(found, now),
  };
}

function requestIn(input = ''): ScheduledRequest | null {
  try {
    return scheduleInputSchema.parse(JSON.parse(input)).request;
  } catch {
    return null;
  }
}

/** A schedule that was changed in the console may say what the calendar refuses to guess at. */
function timesOf(found: GetScheduleCommandOutput, now: number): Pick<ShownSchedule, 'next' | 'note'> {
  const { ScheduleExpression = '', ScheduleExpressionTimezone: timeZone = 'UTC', StartDate, EndDate } = found;
  if (found.State === 'DISABLED') return { next: [], note: 'none while it is disabled' };
  try {
    const expression = parseExpression(ScheduleExpression);
    const since = (found.LastModificationDate ?? found.CreationDate)?.getTime() ?? now;
    const recurrence = { expression, timeZone, start: StartDate?.getTime(), end: EndDate?.getTime(), since };
    const next = nextOccurrences(recurrence, now, HOW_MANY).map((time) => new Date(time).toISOString());
    // AWS begins such a schedule 'immediately', and tells nowhere when that was.
    const isGuessed = expression.kind === 'rate' && !StartDate;
    return { next, note: next.length === 0 ? 'none: it is over' : isGuessed ? 'about: it has no start' : '' };
  } catch (error) {
    if (!(error instanceof InvalidExpression || error instanceof RangeError)) throw error;
    return { next: [], note: `not known: ${error.message}` };
  }
}

/** The next times as clocks in the schedule's zone show them. */
export const nextTimes = ({ next, note, timeZone }: ShownSchedule): string =>
  [...(note ? [note] : []), ...next.map((time) => wallText(Date.parse(time), timeZone))].join('\n');
