import {
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  ListRolePoliciesCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { ListExecutionsCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { type Asset, allowed, ask, type Cell, type Deed, denied, type Question } from '../cell';
import { execution, iam, machine, PROD, PROD2, SSM_CORE, TEMPS } from '../places';
import { describes, STARTS_RECOVERIES_ONLY } from './lookers';
import {
  ALL_PROFILES,
  OPEN_ROLES,
  OTHER_ACCOUNTS_PROFILES,
  OTHER_DRAINED,
  OTHER_DRAINS,
  UNNAMED_TAGS,
  UNNAMED_TAGS_OF_CEILINGS,
} from './reach';
import { ALL_ROLES, HISTORIES, OTHER_QUEUES, OUR_ROLES_ONLY } from './reading';

const tag =
  (RoleName: string, Key: string): Deed =>
  ({ iam }) =>
    iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key, Value: '2026-01-05T09:00:00.000Z' }] }));
const putOff = tag(TEMPS.closing, 'stepup:delete-after');
const remove =
  (RoleName: string): Deed =>
  ({ iam }) =>
    iam.send(new DeleteRoleCommand({ RoleName }));
const strip =
  (RoleName: string): Deed =>
  ({ iam }) =>
    iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'stepup-grant' }));
const stop =
  (executionArn: string): Deed =>
  ({ sfn }) =>
    sfn.send(new StopExecutionCommand({ executionArn }));

const KEYS = ['execution', 'started', 'instance-arn', 'original', 'grant', 'requester', 'expires'];
const STATES = ['restoring-since', 'draining-since'];
const RECORDS: Cell[] = [...KEYS, ...STATES].map((key) =>
  denied({
    against: 'the record',
    attempt: `write stepup:${key} of a record`,
    stoppedBy: 'the record',
    deed: tag(TEMPS.open, `stepup:${key}`),
    right: putOff,
  }),
);

const taking = (against: Asset, attempt: string, deed: Deed, right: Deed = putOff, stoppedBy = 'the path'): Cell =>
  denied({ against, attempt, stoppedBy, deed, right });

const TAKING: Cell[] = [
  taking('original roles', 'delete an original role', remove('app'), strip(TEMPS.closing)),
  taking('original roles', 'detach a policy from an original role', ({ iam }) =>
    iam.send(new DetachRolePolicyCommand({ RoleName: 'app', PolicyArn: SSM_CORE })),
  ),
  taking('original roles', 'delete an inline policy of an original role', strip('app')),
  taking('original roles', "take the role out of an original's profile", ({ iam }) =>
    iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: 'app', RoleName: 'app' })),
  ),
  taking('original roles', 'delete an original profile', ({ iam }) =>
    iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: 'app' })),
  ),
  taking('StepUp itself', "delete a function's role", remove(`${PROD}-restore`)),
  taking('temp roles of others', "delete another deployment's temp role", remove(TEMPS.foreign), remove(TEMPS.drained)),
  taking('temp roles of others', "strip another deployment's temp role", strip(TEMPS.foreign)),
  taking(
    'temp roles of others',
    "stop another deployment's run",
    stop(execution(`${PROD2}-elevation:run`)),
    stop(execution(`${PROD}-elevation:other-run`)),
    'no permission',
  ),
  taking(
    'StepUp itself',
    'stop a recovery',
    stop(execution(`${PROD}-recovery:run`)),
    describes(execution(`${PROD}-elevation:run`)),
    'no permission',
  ),
];

const arnOf = (deployment: string) => iam(`policy/stepup/ceilings/${deployment}/old`);
const unused = { 'aws:ResourceTag/stepup:unused-since': '2026-01-05T09:00:00.000Z' };
const deletesUnused = ask('iam:DeletePolicy', arnOf(PROD), unused);
const marking = { 'aws:TagKeys': ['stepup:unused-since'] };

const ON_CEILINGS: [against: Asset, attempt: string, question: Question][] = [
  ['the ceiling', 'delete a ceiling that was not found unused before', ask('iam:DeletePolicy', arnOf(PROD))],
  ['the ceiling', "delete another deployment's ceiling", ask('iam:DeletePolicy', arnOf(PROD2), unused)],
  ['IAM at large', 'delete any managed policy', ask('iam:DeletePolicy', iam('policy/customer'), unused)],
  ['the ceiling', "mark another deployment's ceiling", ask('iam:TagPolicy', arnOf(PROD2), marking)],
  ['the ceiling', 'write anything else on a ceiling', ask('iam:TagPolicy', arnOf(PROD), { 'aws:TagKeys': ['owner'] })],
  ['IAM at large', 'read any managed policy', ask('iam:GetPolicy', iam('policy/customer'))],
];
const CEILINGS: Cell[] = ON_CEILINGS.map(([against, attempt, deed]) =>
  denied({ against, attempt, stoppedBy: 'the path; its tag', deed, right: deletesUnused }),
);

const LISTS: Cell[] = [
  denied({
    against: 'data',
    attempt: "list another deployment's runs",
    stoppedBy: 'no permission',
    deed: ({ sfn }) => sfn.send(new ListExecutionsCommand({ stateMachineArn: machine(`${PROD2}-elevation`) })),
    right: ({ sfn }) => sfn.send(new ListExecutionsCommand({ stateMachineArn: machine(`${PROD}-elevation`) })),
  }),
  denied({
    against: 'data',
    attempt: "read another deployment's recovery",
    stoppedBy: 'no permission',
    deed: describes(execution(`${PROD2}-recovery:run`)),
    right: describes(execution(`${PROD}-elevation:run`)),
  }),
  denied({
    against: 'data',
    attempt: 'read the policies of a role that is none of ours',
    stoppedBy: 'the path',
    deed: ({ iam }) => iam.send(new ListRolePoliciesCommand({ RoleName: 'theirs' })),
    right: ({ iam }) => iam.send(new ListRolePoliciesCommand({ RoleName: TEMPS.open })),
  }),
];

export const sweep: Cell[] = [
  ...CEILINGS,
  UNNAMED_TAGS_OF_CEILINGS,
  UNNAMED_TAGS,
  OTHER_DRAINS,
  OTHER_DRAINED,
  OPEN_ROLES,
  ALL_PROFILES,
  OTHER_ACCOUNTS_PROFILES,
  ...LISTS,
  ALL_ROLES,
  OTHER_QUEUES,
  ...RECORDS,
  ...TAKING,
  ...STARTS_RECOVERIES_ONLY,
  ...HISTORIES,
  OUR_ROLES_ONLY,
  allowed({
    against: 'the ceiling',
    attempt: 'mark a ceiling of its own deployment as unused, and delete it',
    residue:
      'IAM refuses it while a role wears the ceiling. Without it there are no further elevations: nobody gains by it',
    deed: deletesUnused,
  }),
  allowed({
    against: 'temp roles of others',
    attempt: 'stop any run of its own deployment, and delete its role',
    residue: 'which run an invocation is about, IAM cannot tell. It takes away, and adds nothing',
    deed: stop(execution(`${PROD}-elevation:run`)),
  }),
];
