import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { FunctionName } from '../../../../infra/permissions';
import { allowed, ask, type Cell, denied } from '../cell';
import { lambda, machine, PROD, PROD2 } from '../places';

const invoke = (deployment: string, fn: FunctionName, version = ':1') =>
  ask('lambda:InvokeFunction', lambda(`${deployment}-${fn}${version}`));

const startsRuns: Cell = denied({
  against: 'StepUp itself',
  attempt: 'start a run of its own machine',
  stoppedBy: 'no permission',
  deed: ({ sfn }) => sfn.send(new StartExecutionCommand({ stateMachineArn: machine(`${PROD}-elevation`) })),
  right: invoke(PROD, 'restore'),
});

const another: Cell = denied({
  against: 'StepUp itself',
  attempt: "invoke another deployment's function",
  stoppedBy: 'no permission',
  deed: invoke(PROD2, 'restore'),
  right: invoke(PROD, 'restore'),
});

const delivery: Cell = allowed({
  against: 'the audit trail',
  attempt: "end the delivery of another service's logs",
  residue:
    'CloudWatch Logs has no resources for the delivery of logs, and Step Functions asks this of every machine that logs',
  deed: ask('logs:DeleteLogDelivery', '*'),
});

export const elevationMachine: Cell[] = [
  startsRuns,
  another,
  denied({
    against: 'StepUp itself',
    attempt: 'invoke sweep, which is none of its states',
    stoppedBy: 'no permission',
    deed: invoke(PROD, 'sweep'),
    right: invoke(PROD, 'restore'),
  }),
  denied({
    against: 'StepUp itself',
    attempt: 'invoke recover, which is none of its states',
    stoppedBy: 'no permission',
    deed: invoke(PROD, 'recover'),
    right: invoke(PROD, 'captureProfile'),
  }),
  delivery,
];

export const recoveryMachine: Cell[] = [
  startsRuns,
  another,
  ...(['createTempRole', 'swapProfile', 'runScript'] as const).map((fn) =>
    denied({
      against: 'StepUp itself',
      attempt: `invoke ${fn}: a recovery takes away only`,
      stoppedBy: 'no permission',
      deed: invoke(PROD, fn),
      right: invoke(PROD, 'restore'),
    }),
  ),
  delivery,
];
