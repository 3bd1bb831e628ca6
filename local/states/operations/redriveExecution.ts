import { RedriveExecution$, type RedriveExecutionInput, type RedriveExecutionOutput } from '@aws-sdk/client-sfn';
import { AwsError, operation } from '../../world';
import type { Execution } from '../execution';
import { obstacle } from '../redrivable';
import { run } from '../run';
import { checkArn, type Store, validation } from '../store';

const TOKEN = /^[!-~]+$/;
/** The model: the last ten tokens that began a redrive are known, each for 15 minutes. */
const TOKENS_KEPT = 10;
const TOKEN_LIFETIME = 15 * 60_000;

export const redriveExecution = (store: Store) =>
  operation<RedriveExecutionInput, RedriveExecutionOutput>('states', RedriveExecution$, 'full', (call) => {
    const { executionArn, clientToken: token } = call.input;
    const arn = checkArn(executionArn, 'executionArn');
    if (token !== undefined) checkToken(token);
    call.authorize('states:RedriveExecution', arn);
    const execution = store.execution(arn);
    const now = call.world.clock.now();
    const earlier = redriveBy(token, execution, now);
    if (earlier !== undefined) return { redriveDate: new Date(earlier) };
    const reason = obstacle(execution, now);
    if (reason !== undefined) {
      throw new AwsError('ExecutionNotRedrivable', `Execution ${arn} invalid for redrive as: ${reason}`);
    }
    const redriven = execution.redrive(token);
    run(store, redriven);
    return { redriveDate: new Date(now) };
  });

/** When the token began a redrive. Recorded: it answers so whatever the execution's status is by now. */
function redriveBy(token: string | undefined, { redrives }: Execution, now: number): number | undefined {
  if (token === undefined) return undefined;
  return redrives.slice(-TOKENS_KEPT).find((one) => one.token === token && now - one.at < TOKEN_LIFETIME)?.at;
}

function checkToken(token: string): void {
  if (token.length < 1) throw validation('clientToken', token, 'have length greater than or equal to 1');
  if (token.length > 64) throw validation('clientToken', token, 'have length less than or equal to 64');
  if (!TOKEN.test(token)) throw validation('clientToken', token, 'satisfy regular expression pattern: [!-~]+');
}
