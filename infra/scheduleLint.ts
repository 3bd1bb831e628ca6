import { InvalidExpression, instantsOf, isTimeZone, nextOccurrences, parseExpression, timeZones } from '../calendar';
import type { Catalogue } from '../state-machine/catalogue';
import { nearest } from '../state-machine/nearest';
import type { ScheduleFile } from '../state-machine/schedule';
import { scheduledRequestFaults } from './scheduledRequest';

/** What a schedule is held against. */
export interface ScheduleCircumstances {
  catalogue: Catalogue;
  /** What the ARNs of the deployment's schedules begin with, up to their names; wildcards where synth does not know. */
  arnPrefix: string;
  outputLocations: Parameters<typeof scheduledRequestFaults>[2]['outputLocations'];
  /** Epoch ms. */
  now: number;
}

/** One line each: of `faults` the field first, `warnings` are sentences. */
export interface Verdict {
  faults: string[];
  warnings: string[];
}

/** AWS refuses a StartDate that is older when a schedule is made: 'cannot be earlier than 5 minutes ago'. */
const OLDEST_START = 5 * 60_000;

/** What is wrong with a schedule, and what may not be meant. */
export function judgeSchedule(name: string, file: ScheduleFile, circumstances: ScheduleCircumstances): Verdict {
  const arn = `${circumstances.arnPrefix}${name}`;
  const timing = judgeTiming(file, circumstances.now);
  return {
    faults: [...timing.faults, ...scheduledRequestFaults(file.request, arn, circumstances)],
    warnings: timing.warnings.map((text) => `Schedule '${name}' ${text}`),
  };
}

function judgeTiming(file: ScheduleFile, now: number): Verdict {
  const faults = isTimeZone(file.timeZone) ? [] : [zoneFault(file.timeZone)];
  try {
    const expression = parseExpression(file.schedule);
    if (faults.length > 0) return { faults, warnings: [] };
    return expression.kind === 'at' ? judgeOnce(file, expression.wall, now) : judgeRepeated(file, expression, now);
  } catch (error) {
    if (!(error instanceof InvalidExpression)) throw error;
    return { faults: [`schedule: '${file.schedule}' ${error.message}`, ...faults], warnings: [] };
  }
}

function zoneFault(timeZone: string): string {
  const near = nearest(timeZone, timeZones());
  const hint = near ? `did you mean '${near}'?` : 'such as Europe/Berlin or UTC';
  return `timeZone: '${timeZone}' is no time zone of the IANA database; ${hint}`;
}

/** What AWS does with a time that clocks skip or show twice is not known; with `start` and `end` it does nothing. */
function judgeOnce({ schedule, timeZone, start, end }: ScheduleFile, wall: number, now: number): Verdict {
  const times = instantsOf(wall, timeZone);
  const faults = Object.entries({ start, end })
    .filter(([, value]) => value !== undefined)
    .map(([field]) => `${field}: EventBridge Scheduler ignores it for at(…); leave it out`);
  if (times.length === 0)
    faults.push(`schedule: '${schedule}' does not exist in ${timeZone}: the clocks are set forward over it`);
  if (times.length > 1)
    faults.push(`schedule: '${schedule}' comes twice in ${timeZone}: the clocks are set back over it`);
  const isPast = times.length === 1 && times.every((time) => time <= now);
  return { faults, warnings: isPast ? [`is due at a time that has passed, ${schedule}: it does nothing`] : [] };
}

function judgeRepeated(
  { schedule, timeZone, start: startText, end: endText }: ScheduleFile,
  expression: Exclude<ReturnType<typeof parseExpression>, { kind: 'at' }>,
  now: number,
): Verdict {
  const [start, end] = [startText, endText].map((text) => (text === undefined ? undefined : Date.parse(text)));
  if (start !== undefined && end !== undefined && end <= start) {
    return { faults: [`end: ${endText} is not after the start, ${startText}`], warnings: [] };
  }
  const recurrence = { expression, timeZone, start, end, since: start ?? now };
  const dueAfter = (after: number) => nextOccurrences(recurrence, after, 1).length > 0;
  if (!dueAfter(Date.UTC(1970) - 1)) {
    const within = startText || endText ? ` between its start and its end` : '';
    return { faults: [`schedule: '${schedule}' is never due${within}`], warnings: [] };
  }
  // Unconfirmed: whether AWS makes a schedule whose end has passed.
  const warnings = dueAfter(now) ? [] : ['is not due any more: its years or its end are over; delete its file'];
  if (expression.kind === 'rate' && start !== undefined && start < now - OLDEST_START) {
    // Unconfirmed: whether AWS refuses it when a schedule is changed, as it does when one is made.
    warnings.push(
      `starts at a time that has passed, ${startText}: AWS takes none that is older than five minutes for a new schedule, so that a deployment that makes or changes it may fail; write a cron(…), or a new start`,
    );
  }
  return { faults: [], warnings };
}

/**
 * As AWS is told it: a start that has passed says nothing of a cron expression, and AWS would refuse it. For a rate it is what
 * the times are counted from.
 */
export function startToTell({ schedule, start }: ScheduleFile, now: number): string | undefined {
  if (start === undefined || parseExpression(schedule).kind === 'rate') return start;
  return Date.parse(start) < now ? undefined : start;
}
