import type { CommandFilter } from '@aws-sdk/client-ssm';
import { AwsError } from '../world';
import { type Check, given, validLength } from './state';

/** What ListCommands and ListCommandInvocations filter by. */
export interface Filtered {
  requestedAt: number;
  statuses: (string | undefined)[];
  documentName?: string;
  /** Commands only. */
  stage?: 'Executing' | 'Complete';
}

export const invalidFilterKey = (key?: string) => new AwsError('InvalidFilterKey', `${key} filter Key is invalid.`);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const isTime = (value = '') => TIME.test(value) && !Number.isNaN(Date.parse(value));

/** What the model says of a list of filters, if there is one. Unconfirmed: the text for a time that is none. */
export function validFilters(filters: CommandFilter[] | undefined): Check[] {
  if (!filters) return [];
  const shown = `[${filters.map(({ key, value }) => `CommandFilter(key=${key}, value=${value})`).join(', ')}]`;
  const each = filters.flatMap(({ key, value }, place): Check[] => {
    const at = `filters.${place + 1}.member`;
    const isNoTime = key?.startsWith('Invoked') && !isTime(value);
    return [
      given(`${at}.key`, key),
      given(`${at}.value`, value),
      ...validLength(`${at}.value`, value, 1, 128),
      [`${at}.value`, value, !isNoTime, 'be a time such as 2021-07-07T00:00:00Z'],
    ];
  });
  return [
    ['filters', shown, filters.length >= 1, 'have length greater than or equal to 1'],
    ['filters', shown, filters.length <= 5, 'have length less than or equal to 5'],
    ...each,
  ];
}

/** @throws AwsError InvalidFilterKey */
export function matches(item: Filtered, { key, value }: CommandFilter): boolean {
  if (key === 'InvokedAfter') return item.requestedAt > Date.parse(value!);
  if (key === 'InvokedBefore') return item.requestedAt < Date.parse(value!);
  if (key === 'Status') return item.statuses.includes(value);
  if (key === 'DocumentName') return value === item.documentName;
  if (key === 'ExecutionStage' && item.stage) return value === item.stage;
  throw invalidFilterKey(key);
}
