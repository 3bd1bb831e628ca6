import type { IAMClient } from '@aws-sdk/client-iam';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { z } from '../../state-machine/schema';
import { readHistory } from '../common/history';
import type { Deps } from '../common/lambda';
import { parseElevation } from '../common/names';
import { readRecord } from '../common/record';
import { startRecovery } from '../common/recovery';

/** 'Step Functions Execution Status Change' (aws-facts 5.2); what else it says is not needed and not trusted. */
export const statusChangeSchema = z.object({
  detail: z.object({ executionArn: z.string(), stopDate: z.optional(z.nullable(z.number())) }),
});
export type StatusChange = z.infer<typeof statusChangeSchema>;

export interface Recovered {
  started: string | null;
  why: string;
}

/**
 * Fires when an elevation has FAILED, TIMED_OUT or been ABORTED: starts the recovery machine, unless the run never began
 * to make anything or has been closed already (a run that restored itself and then failed, as it should).
 */
export async function recover(
  { detail }: StatusChange,
  { iam, sfn, config }: Deps<{ iam: IAMClient; sfn: SFNClient }>,
): Promise<Recovered> {
  const elevation = parseElevation(detail.executionArn, config.deployment);
  const history = await readHistory(sfn, elevation.arn);
  if (history && !history.begun)
    return { started: null, why: 'CreateTempRole was never entered: nothing has to be undone.' };
  const record = await readRecord(iam, elevation.arn).catch(() => undefined);
  if (record?.state === 'draining') return { started: null, why: 'The run was closed: its role is draining.' };
  const started = await startRecovery(sfn, elevation, config.deployment, String(detail.stopDate ?? ''));
  return { started, why: `The run ended while its record was ${record?.state ?? 'not readable'}.` };
}
