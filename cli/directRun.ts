import type { Again } from './again';
import { nameOf } from './course';
import type { Deployment } from './deployment';
import type { Followed } from './follow';
import type { Clients, Surroundings } from './surroundings';
import { findRecovery, watch } from './watch';

interface Directly {
  around: Surroundings;
  clients: Clients;
  deployment: Deployment;
  /** What `stepup` and `aws` need besides, to find the same AWS again. */
  again: Again;
}

/** A run that Step Functions itself is asked about. */
export function directRun({ around, clients, deployment, again }: Directly, executionArn: string): Followed {
  const watcher = { sfn: clients.sfn, clock: around.clock };
  const status = again.stepup('status', nameOf(executionArn));
  return {
    status,
    cut: 'SSM keeps the first 24,000 characters of the output and 8,000 of the errors.',
    goesOn: goesOn(executionArn, again),
    watch: (onEvent) => watch(watcher, executionArn, onEvent),
    watchRecovery: async (elevation, onEvent) => {
      const arn = await findRecovery(watcher, deployment, elevation);
      return arn ? watch(watcher, arn, onEvent) : undefined;
    },
  };
}

/** For whoever does not follow a run to its end. */
export const goesOn = (executionArn: string, again: Again): string =>
  [
    'The run goes on.',
    `  Follow it:  ${again.stepup('status', nameOf(executionArn), '--follow')}`,
    '  Stop it, and the instance gets its profile back:',
    `    ${again.aws('stepfunctions', 'stop-execution', '--execution-arn', executionArn)}`,
  ].join('\n');
