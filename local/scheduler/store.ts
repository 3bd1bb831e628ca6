import { InvalidExpression, isTimeZone, nextOccurrences, parseExpression, type Recurrence } from '../../calendar';
import { AwsError, type ScheduleDefinition } from '../world';

export interface Schedule {
  definition: ScheduleDefinition;
  created: number;
  modified: number;
}

const invalid = (message: string) => new AwsError('ValidationException', message);
export const notFound = (what: string) => new AwsError('ResourceNotFoundException', `${what} does not exist.`, 404);

/** 'The StartDate you specify cannot be earlier than 5 minutes ago.' */
const OLDEST_START = 5 * 60_000;

/**
 * Where AWS's pages leave a meaning open the expression is refused, too. Unconfirmed: the texts, but that of StartDate, and
 * that a start which has passed is refused when a schedule is changed.
 */
export function validate(
  { expression, timeZone, start, end, enabled: _, target, ...rest }: ScheduleDefinition,
  now: number,
) {
  if (!isTimeZone(timeZone)) throw invalid('Invalid ScheduleExpressionTimezone.');
  try {
    parseExpression(expression);
  } catch (error) {
    if (!(error instanceof InvalidExpression)) throw error;
    throw invalid(`Invalid Schedule Expression ${expression}. (${error.message})`);
  }
  if (start !== undefined && start < now - OLDEST_START) {
    throw invalid('The StartDate you specify cannot be earlier than 5 minutes ago.');
  }
  if (end !== undefined && end <= (start ?? now))
    throw invalid('The EndDate you specify must come later than the StartDate.');
  if (!/^[\w.-]{1,64}$/.test(rest.name)) throw invalid(`Invalid name ${rest.name}`);
  if (target.input === '') throw invalid('The Input of a target must not be empty.');
}

export class Store {
  readonly groups = new Set(['default']);
  private readonly schedules = new Map<string, Schedule>();

  get({ group, name }: Pick<ScheduleDefinition, 'group' | 'name'>): Schedule | undefined {
    return this.schedules.get(`${group}/${name}`);
  }

  put(definition: ScheduleDefinition, now: number): Schedule {
    if (!this.groups.has(definition.group)) throw notFound(`Schedule group ${definition.group}`);
    const schedule = { definition, created: this.get(definition)?.created ?? now, modified: now };
    this.schedules.set(`${definition.group}/${definition.name}`, schedule);
    return schedule;
  }

  remove(group: string, name: string): void {
    this.schedules.delete(`${group}/${name}`);
  }

  removeGroup(group: string): void {
    this.groups.delete(group);
    for (const { definition } of this.all()) if (definition.group === group) this.remove(group, definition.name);
  }

  /** By group and name. */
  all(): Schedule[] {
    return [...this.schedules].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, schedule]) => schedule);
  }
}

/** When it is due next. Unconfirmed: that a rate without a start counts anew when the schedule is changed. */
export function dueAfter({ definition, modified }: Schedule, after: number): number | undefined {
  const { expression, timeZone, start, end } = definition;
  const recurrence: Recurrence = { expression: parseExpression(expression), timeZone, start, end, since: modified };
  return nextOccurrences(recurrence, after, 1)[0];
}
