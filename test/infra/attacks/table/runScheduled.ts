import { ListExecutionsCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { allowed, ask, type Cell, type Deed, denied } from '../cell';
import { execution, here, lambda, machine, PROD, PROD2 } from '../places';
import { describes, onlyLooking } from './lookers';
import { OTHER_QUEUES, readsHistory, readsRecord } from './reading';

const starts =
  (stateMachineArn: string): Deed =>
  ({ sfn }) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
const ownMachine = machine(`${PROD}-elevation`);
const startsOwn = starts(ownMachine);
const stopsRun: Deed = ({ sfn }) =>
  sfn.send(new StopExecutionCommand({ executionArn: execution(`${PROD}-elevation:run`) }));
const listsRuns: Deed = ({ sfn }) => sfn.send(new ListExecutionsCommand({ stateMachineArn: ownMachine }));

const not = (against: Cell['against'], attempt: string, deed: Deed) =>
  denied({ against, attempt, stoppedBy: 'no permission', deed, right: startsOwn });

/** What a clock calls. */
export const runScheduled: Cell[] = [
  ...onlyLooking(startsOwn),
  OTHER_QUEUES,
  not('StepUp itself', 'start a recovery', starts(machine(`${PROD}-recovery`))),
  not('StepUp itself', "start another deployment's elevation", starts(machine(`${PROD2}-elevation`))),
  not(
    'StepUp itself',
    "start another account's elevation, by the machine's name",
    starts(machine(`${PROD}-elevation`, '999999999999')),
  ),
  not(
    'StepUp itself',
    'change the schedule that it is called by',
    ask('scheduler:UpdateSchedule', here('scheduler', `schedule/${PROD}/any`)),
  ),
  not('temp roles of others', 'stop a run of its own deployment', stopsRun),
  not('temp roles of others', 'end a hold by a token', ask('states:SendTaskSuccess', '*')),
  not('data', "list its own deployment's runs", listsRuns),
  not('data', 'read the history of a run, which has the tokens of holds', readsHistory),
  not('data', "read another deployment's run", describes(execution(`${PROD2}-elevation:run`))),
  not('the record', 'read a record', readsRecord),
  allowed({
    against: 'commands on instances',
    attempt: 'start any elevation, in the name of any schedule',
    residue: 'whose time it is, the function writes: what it starts is checked by the machine, but for who asks',
    deed: startsOwn,
  }),
];

const calls = (name: string) => ask('lambda:InvokeFunction', lambda(name));
const callsOwn = calls(`${PROD}-runScheduled`);

/** The role as which EventBridge Scheduler calls runScheduled. */
export const schedules: Cell[] = [
  OTHER_QUEUES,
  ...[
    ['call a function that restores', calls(`${PROD}-restore`)] as const,
    ['call the function behind the API', calls(`${PROD}-requestElevation`)] as const,
    ["call another deployment's runScheduled", calls(`${PROD2}-runScheduled`)] as const,
    ['start an elevation without runScheduled', startsOwn] as const,
  ].map(([attempt, deed]) =>
    denied({ against: 'StepUp itself', attempt, stoppedBy: 'no permission', deed, right: callsOwn }),
  ),
];
