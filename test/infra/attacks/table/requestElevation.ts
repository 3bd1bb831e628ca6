import { ListExecutionsCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { allowed, ask, type Cell, type Deed, denied } from '../cell';
import { execution, here, iam, machine, PROD, PROD2 } from '../places';
import { describes, onlyLooking } from './lookers';
import { ALL_PROFILES, OTHER_ACCOUNTS_PROFILES, OTHER_ACCOUNTS_ROLES, OTHER_REGIONS_INSTANCES } from './reach';
import { ALL_ROLES, HISTORIES } from './reading';

const starts =
  (stateMachineArn: string): Deed =>
  ({ sfn }) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
const stops =
  (executionArn: string): Deed =>
  ({ sfn }) =>
    sfn.send(new StopExecutionCommand({ executionArn }));
const lists =
  (stateMachineArn: string): Deed =>
  ({ sfn }) =>
    sfn.send(new ListExecutionsCommand({ stateMachineArn }));

const listsOwn = lists(machine(`${PROD}-elevation`));
const startsOwn = starts(machine(`${PROD}-elevation`));

const not = (against: Cell['against'], attempt: string, deed: Deed, right = listsOwn, stoppedBy = 'no permission') =>
  denied({ against, attempt, stoppedBy, deed, right });

const RUNS: Cell[] = [
  not('StepUp itself', 'start a recovery', starts(machine(`${PROD}-recovery`)), startsOwn),
  not('StepUp itself', "start another deployment's elevation", starts(machine(`${PROD2}-elevation`)), startsOwn),
  not('StepUp itself', 'stop a recovery', stops(execution(`${PROD}-recovery:run`))),
  not('temp roles of others', "stop another deployment's run", stops(execution(`${PROD2}-elevation:run`))),
  not('data', "list another deployment's runs", lists(machine(`${PROD2}-elevation`))),
  not('data', "read another deployment's run", describes(execution(`${PROD2}-elevation:run`))),
  not('data', "read another deployment's recovery", describes(execution(`${PROD2}-recovery:run`))),
  ...HISTORIES,
];

const settings = 'servicesetting/ssm/managed-instance';
/** What the doctor may not look at. */
const LOOKS: Cell[] = [
  ...[OTHER_ACCOUNTS_PROFILES, OTHER_ACCOUNTS_ROLES, OTHER_REGIONS_INSTANCES, ALL_ROLES, ALL_PROFILES],
  not(
    'data',
    "read another account's managed policy",
    ask('iam:GetPolicy', iam('policy/customer', '999999999999')),
    ask('iam:GetPolicy', iam('policy/customer')),
    'the account',
  ),
  not(
    'data',
    'read any other setting of Systems Manager',
    ask('ssm:GetServiceSetting', here('ssm', 'servicesetting/ssm/parameter-store/high-throughput-enabled')),
    ask('ssm:GetServiceSetting', here('ssm', `${settings}/default-ec2-instance-management-role`)),
    'its name',
  ),
];

/** Behind the API. */
export const requestElevation: Cell[] = [
  ...onlyLooking(listsOwn),
  ...RUNS,
  ...LOOKS,
  allowed({
    against: 'commands on instances',
    attempt: 'start any elevation, as whomever it likes',
    residue: 'who asks, the function writes: what it starts is checked by the machine, but for who asks',
    deed: startsOwn,
  }),
  allowed({
    against: 'temp roles of others',
    attempt: "have any run's time be up, of its own deployment",
    residue: 'it takes away, and adds nothing: the instance has its profile back early',
    deed: stops(execution(`${PROD}-elevation:other-run`)),
  }),
  allowed({
    against: 'data',
    attempt: 'end any task of the account that waits for a token which it knows',
    residue: 'SendTaskSuccess has no resources; the tokens of other machines stand in histories that it may not read',
    deed: ask('states:SendTaskSuccess', '*'),
  }),
];
