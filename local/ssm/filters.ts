import type { CommandFilter } from '@aws-sdk/client-ssm';
import { AwsError } from '../world';

/** What ListCommands and ListCommandInvocations filter by. */
export interface Filtered {
  requestedAt: number;
  statuses: (string | undefined)[];
  documentName?: string;
  /** Commands only. */
  stage?: 'Executing' | 'Complete';
}

export const invalidFilterKey = (key?: string) => new AwsError('InvalidFilterKey', `${key} filter Key is invalid.`);

/** @throws AwsError InvalidFilterKey */
export function matches(item: Filtered, { key, value }: CommandFilter): boolean {
  if (key === 'InvokedAfter') return item.requestedAt > Date.parse(value!);
  if (key === 'InvokedBefore') return item.requestedAt < Date.parse(value!);
  if (key === 'Status') return item.statuses.includes(value);
  if (key === 'DocumentName') return value === item.documentName;
  if (key === 'ExecutionStage' && item.stage) return value === item.stage;
  throw invalidFilterKey(key);
}
