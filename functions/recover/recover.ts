import type { SFNClient } from '@aws-sdk/client-sfn';
import { z } from '../../state-machine/schema';
import { readHistory, restoredItself } from '../common/history';
import type { Deps } from '../common/lambda';
import { parseElevation } from '../common/names';
import { startRecovery } from '../common/recovery';

/** 'Step Functions Execution Status Change' (aws-facts 5.2); what else it says is not needed and not trusted. */
export const statusChangeSchema = z.object({
  detail: z.object({
    executionArn: z.string(),
    stopDate: z.optional(z.nullable(z.number())),
    /** Unconfirmed: told here as DescribeExecution tells it. Only counted with. */
    redriveCount: z.optional(z.nullable(z.number())),
  }),
});
export type StatusChange = z.infer<typeof statusChangeSchema>;

export interface Recovered {
  started: string | null;
  why: string;
}

/**
 * Fires when an elevation has FAILED, TIMED_OUT or been ABORTED: starts the recovery machine, unless the run never began
 * to make anything, or restored by itself and then failed, as it should. Only the history is asked: tags can be written.
 */
export async function recover(event: StatusChange, deps: Deps<{ sfn: SFNClient }>): Promise<Recovered> {
  const recovered = await decide(event, deps);
  deps.log.info(recovered.started ? 'recovery started' : 'not recovered', {
    recovery: recovered.started,
    why: recovered.why,
  });
  return recovered;
}

async function decide({ detail }: StatusChange, { sfn, config, log }: Deps<{ sfn: SFNClient }>): Promise<Recovered> {
  const elevation = parseElevation(detail.executionArn, config.deployment);
  const history = await readHistory(sfn, elevation.arn);
  const { instanceId, grant, requester } = history ?? {};
  log.knows({ instanceId, grant, requester });
  if (history?.ended && !history.begun)
    return { started: null, why: 'CreateTempRole was never entered: nothing has to be undone.' };
  if (history && (await restoredItself(sfn, elevation.arn)))
    return { started: null, why: 'The run restored by itself.' };
  const { arn, isNew } = await startRecovery(sfn, elevation, config.deployment, String(detail.stopDate ?? ''));
  // What was redriven had ended before, and was recovered then.
  if (isNew) log.metrics({ RecoveriesStarted: 1, RecoveriesRepeated: detail.redriveCount ? 1 : 0 });
  return { started: arn, why: 'The run ended before it had restored.' };
}
