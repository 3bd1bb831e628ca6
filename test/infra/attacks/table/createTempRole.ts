import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  type CreateRoleCommandInput,
  GetInstanceProfileCommand,
  ListAttachedRolePoliciesCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import type { Deed } from '../cell';
import { allowed, ask, type Cell, denied } from '../cell';
import {
  ACCOUNT_TRUST,
  ADMINISTRATOR,
  EC2_TRUST,
  EVERYTHING,
  INSTANCES,
  instanceArn,
  PROD,
  PROD2,
  record,
  role,
  SSM_CORE,
  TEMPS,
  tempPath,
} from '../places';
import { UNNAMED_TAGS } from './reach';
import { OUR_ROLES_ONLY } from './reading';
import { ON_DRAINING, SAME_BUT_ONE } from './sameButOne';

/** Another name each time: the same deed is done by many. */
let made = 0;
const newName = () => `stepup-${(0x1000 + made++).toString(16).padStart(32, '0')}`;

type Change = Partial<CreateRoleCommandInput> & { ceilingOf?: string };

/** CreateRole as createTempRole does it, but for what is changed. */
const create =
  ({ ceilingOf = PROD, ...change }: Change = {}): Deed =>
  async ({ iam, ceiling }) =>
    iam.send(
      new CreateRoleCommand({
        RoleName: newName(),
        Path: tempPath(INSTANCES.enrolled),
        AssumeRolePolicyDocument: EC2_TRUST,
        Tags: record(INSTANCES.enrolled),
        ...('PermissionsBoundary' in change ? {} : { PermissionsBoundary: await ceiling(ceilingOf, 'inherit') }),
        ...change,
      }),
    );

const creating = (against: Cell['against'], attempt: string, stoppedBy: string, change: Change): Cell =>
  denied({ against, attempt, stoppedBy, deed: create(change), right: create() });

const without = (key: string) => record(INSTANCES.enrolled).filter(({ Key }) => Key !== key);

const ROLES: Cell[] = [
  creating('the ceiling', 'make a role without a ceiling', 'the ceiling', { PermissionsBoundary: undefined }),
  creating('the ceiling', "make a role with one of AWS's policies as its ceiling", 'the ceiling', {
    PermissionsBoundary: ADMINISTRATOR,
  }),
  creating('the ceiling', "make a role with another deployment's ceiling", 'the ceiling', { ceilingOf: PROD2 }),
  creating('IAM at large', 'make a role at the root of all paths', 'the path', { Path: '/' }),
  creating('IAM at large', 'make a role under our path in other letter case', 'the path', {
    Path: tempPath(INSTANCES.enrolled).replace('stepup', 'StepUp'),
  }),
  creating('IAM at large', 'make a role under a path that climbs: /stepup/../elevations/', 'the path', {
    Path: tempPath(INSTANCES.enrolled).replace('/elevations', '/../elevations'),
  }),
  creating('temp roles of others', "make a role under another deployment's path", 'the path', {
    Path: tempPath(INSTANCES.enrolled, PROD2),
  }),
  creating('the record', 'make a role whose record is closed from the start', 'the record', {
    Tags: [...record(INSTANCES.enrolled), { Key: 'stepup:restoring-since', Value: 'now' }],
  }),
  ...['stepup:execution', 'stepup:instance-arn', 'stepup:original', 'stepup:expires'].map((key) =>
    creating('the record', `make a role without the tag ${key}`, 'the record', { Tags: without(key) }),
  ),
];

const attach =
  (RoleName: string, PolicyArn: string): Deed =>
  ({ iam }) =>
    iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
const put =
  (RoleName: string): Deed =>
  ({ iam }) =>
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'stepup-grant', PolicyDocument: EVERYTHING }));

const POLICIES: Cell[] = [
  denied({
    against: 'IAM at large',
    attempt: 'attach AdministratorAccess to a temp role',
    stoppedBy: 'inheritablePolicies',
    deed: attach(TEMPS.spare, ADMINISTRATOR),
    right: attach(TEMPS.spare, SSM_CORE),
  }),
  denied({
    against: 'IAM at large',
    attempt: 'put a policy on a role that wears a ceiling of ours outside our path',
    stoppedBy: 'the path',
    deed: put('outsider'),
    right: put(TEMPS.spare),
  }),
  denied({
    against: 'IAM at large',
    attempt: 'attach a policy to a role that wears a ceiling of ours outside our path',
    stoppedBy: 'the path',
    deed: attach('outsider', SSM_CORE),
    right: attach(TEMPS.spare, SSM_CORE),
  }),
  denied({
    against: 'original roles',
    attempt: 'put an inline policy on an original role',
    stoppedBy: 'the path',
    deed: put('app'),
    right: put(TEMPS.spare),
  }),
  denied({
    against: 'the ceiling',
    attempt: 'put a policy on a role under our path that has no ceiling',
    stoppedBy: 'the ceiling',
    deed: put(TEMPS.naked),
    right: put(TEMPS.spare),
  }),
  denied({
    against: 'the ceiling',
    attempt: 'attach a policy to a role under our path that has no ceiling',
    stoppedBy: 'the ceiling',
    deed: attach(TEMPS.naked, SSM_CORE),
    right: attach(TEMPS.spare, SSM_CORE),
  }),
  denied({
    against: 'temp roles of others',
    attempt: 'put a policy on a temp role that closes',
    stoppedBy: 'the record',
    deed: put(TEMPS.closing),
    right: put(TEMPS.spare),
  }),
  denied({
    against: 'temp roles of others',
    attempt: 'attach a policy to a temp role that closes',
    stoppedBy: 'the record',
    deed: attach(TEMPS.closing, SSM_CORE),
    right: attach(TEMPS.spare, SSM_CORE),
  }),
  denied({
    against: 'temp roles of others',
    attempt: "put a policy on another deployment's temp role",
    stoppedBy: 'the path',
    deed: put(TEMPS.foreign),
    right: put(TEMPS.spare),
  }),
];

const tag =
  (RoleName: string, Key: string): Deed =>
  ({ iam }) =>
    iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key, Value: 'mallory' }] }));

const KEYS = ['execution', 'started', 'instance-arn', 'original', 'grant', 'requester', 'expires'];
const RECORDS: Cell[] = [
  ...KEYS.map((key) =>
    denied({
      against: 'the record',
      attempt: `write stepup:${key} of a record anew`,
      stoppedBy: 'the record',
      deed: tag(TEMPS.open, `stepup:${key}`),
      right: create(),
    }),
  ),
  denied({
    against: 'the record',
    attempt: 'write into a record under a key in other letter case',
    stoppedBy: 'the record',
    deed: tag(TEMPS.open, 'StepUp:Expires'),
    right: create(),
  }),
  denied({
    against: 'the record',
    attempt: 'close a record, so that nobody can add to the role',
    stoppedBy: 'the record',
    deed: tag(TEMPS.open, 'stepup:restoring-since'),
    right: create(),
  }),
  denied({
    against: 'original roles',
    attempt: 'tag an original role',
    stoppedBy: 'the path',
    deed: tag('app', 'team'),
    right: create(),
  }),
];

const makeProfile =
  (Path: string): Deed =>
  ({ iam }) =>
    iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: newName(), Path }));
const add =
  (InstanceProfileName: string, RoleName: string): Deed =>
  ({ iam }) =>
    iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));

const PROFILES: Cell[] = [
  denied({
    against: 'other roles',
    attempt: 'put any role into a profile of ours',
    stoppedBy: 'PassRole',
    deed: add(TEMPS.spare, 'theirs'),
    right: add(TEMPS.spare, TEMPS.spare),
  }),
  denied({
    against: 'other roles',
    attempt: "put another deployment's temp role into a profile of ours",
    stoppedBy: 'PassRole',
    deed: add(TEMPS.spare, TEMPS.foreign),
    right: makeProfile(tempPath(INSTANCES.enrolled)),
  }),
  denied({
    against: 'other roles',
    attempt: 'pass a temp role to Lambda',
    stoppedBy: 'PassRole',
    deed: ask('iam:PassRole', role(`${tempPath(INSTANCES.elevated).slice(1)}${TEMPS.open}`), {
      'iam:PassedToService': 'lambda.amazonaws.com',
    }),
    right: ask('iam:PassRole', role(`${tempPath(INSTANCES.elevated).slice(1)}${TEMPS.open}`), {
      'iam:PassedToService': 'ec2.amazonaws.com',
    }),
  }),
  denied({
    against: 'the profile of enrolled instances',
    attempt: "put a temp role into an original's profile",
    stoppedBy: 'the path',
    deed: add('app', TEMPS.spare),
    right: makeProfile(tempPath(INSTANCES.enrolled)),
  }),
  denied({
    against: 'IAM at large',
    attempt: 'make an instance profile outside our path',
    stoppedBy: 'the path',
    deed: makeProfile('/'),
    right: makeProfile(tempPath(INSTANCES.enrolled)),
  }),
];

const READING: Cell[] = [
  denied({
    against: 'data',
    attempt: 'read the policies of a role that is not restorable',
    stoppedBy: 'restorableRoles',
    deed: ({ iam }) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'theirs' })),
    right: ({ iam }) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'app' })),
  }),
  denied({
    against: 'data',
    attempt: 'read a profile that is none of ours',
    stoppedBy: 'the path',
    deed: ({ iam }) => iam.send(new GetInstanceProfileCommand({ InstanceProfileName: 'app' })),
    right: ({ iam }) => iam.send(new GetInstanceProfileCommand({ InstanceProfileName: TEMPS.open })),
  }),
  OUR_ROLES_ONLY,
];

const RESIDUES: Cell[] = [
  allowed({
    against: 'temp roles of others',
    attempt: 'make a role under our path that others than EC2 may assume',
    residue:
      'IAM has no key for the trust policy of CreateRole. The ceiling binds such a role, too; with sourceInstanceRequired its credentials are worth nothing outside the instance',
    deed: create({ AssumeRolePolicyDocument: ACCOUNT_TRUST }),
  }),
  allowed({
    against: 'data',
    attempt: 'grant the temp role of any run that goes on more than its grant, or for longer',
    residue: 'IAM has no key for the text of an inline policy. The ceiling holds whatever it says',
    deed: put(TEMPS.open),
  }),
  allowed({
    against: 'the record',
    attempt: 'make a role whose record lies',
    residue:
      'IAM cannot tell which instance, run or original a tag should name. Recovery follows the history, and says RecordTampered',
    deed: create({
      Tags: record(INSTANCES.enrolled).map((tag) =>
        tag.Key === 'stepup:instance-arn' ? { ...tag, Value: instanceArn(INSTANCES.plain) } : tag,
      ),
    }),
  }),
];

/** A role with our ceilings and nothing else: what createTempRole may make, and what it may put on it. */
export const createTempRole: Cell[] = [
  ...ROLES,
  ...POLICIES,
  ...RECORDS,
  ...SAME_BUT_ONE,
  ...ON_DRAINING,
  UNNAMED_TAGS,
  ...PROFILES,
  ...READING,
  ...RESIDUES,
];
