import type { World } from '../world';
import type { Execution } from './execution';
import { obstacle } from './redrivable';

/** Escaped input and output together; beyond it the input goes, then the output (aws-facts 5.2). */
const LARGEST_EVENT_DATA = 248 * 1024;

/** Tells EventBridge about a change of status. */
export function publishStatus(world: World, execution: Execution): void {
  const { arn, machine, name, status, startedAt, stoppedAt, input, outcome, redrives } = execution;
  const reason = obstacle(execution, world.clock.now());
  const sizeOf = (text?: string) => (text === undefined ? 0 : Buffer.byteLength(JSON.stringify(text)));
  const withOutput = outcome.output !== undefined && sizeOf(outcome.output) <= LARGEST_EVENT_DATA;
  const withInput = sizeOf(input) + sizeOf(outcome.output) <= LARGEST_EVENT_DATA;
  world.events.publish({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [arn],
    detail: {
      executionArn: arn,
      stateMachineArn: machine.arn,
      name,
      status,
      startDate: startedAt,
      stopDate: stoppedAt ?? null,
      input: withInput ? input : null,
      output: withOutput ? outcome.output : null,
      inputDetails: { included: withInput },
      outputDetails: outcome.output === undefined ? null : { included: withOutput },
      error: outcome.error ?? null,
      cause: outcome.cause ?? null,
      redriveCount: redrives.length,
      redriveDate: redrives.at(-1)?.at ?? null,
      redriveStatus: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
      redriveStatusReason: reason ?? null,
    },
  });
}
