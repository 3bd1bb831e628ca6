import {
  AssociateIamInstanceProfileCommand,
  DisassociateIamInstanceProfileCommand,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { CancelCommandCommand } from '@aws-sdk/client-ssm';
import { type Asset, allowed, ask, type Cell, type Deed, denied } from '../cell';
import {
  ADMINISTRATOR,
  EVERYTHING,
  execution,
  INSTANCES,
  instanceArn,
  LOOKS_LIKE_OURS,
  PROD,
  profile,
  role,
  SSM_CORE,
  TEMPS,
  tempPath,
} from '../places';
import { OTHER_ACCOUNTS_PROFILES, UNNAMED_TAGS } from './reach';
import { HISTORIES, OUR_ROLES_ONLY, readsHistory } from './reading';

const replace =
  (instanceId: string, Name: string): Deed =>
  async ({ ec2, association }) =>
    ec2.send(
      new ReplaceIamInstanceProfileAssociationCommand({
        AssociationId: await association(instanceId),
        IamInstanceProfile: { Name },
      }),
    );
const associate =
  (InstanceId: string, Name: string): Deed =>
  ({ ec2 }) =>
    ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile: { Name } }));
const takeOff =
  (instanceId: string): Deed =>
  async ({ ec2, association }) =>
    ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: await association(instanceId) }));

const { elevated, carrier, secondCarrier, enrolled, plain, bare, foreign } = INSTANCES;
const rehearsal = replace(enrolled, 'app');

const GIVING_BACK: Cell[] = [
  denied({
    against: 'the profile of enrolled instances',
    attempt: 'replace a profile that is none of ours',
    stoppedBy: 'the path',
    deed: replace(enrolled, 'theirs'),
    right: rehearsal,
  }),
  denied({
    against: 'the profile of enrolled instances',
    attempt: 'attach an original to an instance that has a profile',
    stoppedBy: 'the path',
    deed: associate(enrolled, 'app'),
    right: associate(bare, 'app'),
  }),
  denied({
    against: 'instances that are not enrolled',
    attempt: 'take the profile off an instance that StepUp has not elevated',
    stoppedBy: 'the path',
    deed: takeOff(plain),
    right: takeOff(carrier),
  }),
  denied({
    against: 'temp roles of others',
    attempt: "take another deployment's temp profile off",
    stoppedBy: 'the path',
    deed: takeOff(foreign),
    right: replace(secondCarrier, 'app'),
  }),
  denied({
    against: 'other roles',
    attempt: 'give back a profile whose role is not restorable',
    stoppedBy: 'PassRole',
    deed: replace(elevated, 'theirs'),
    right: rehearsal,
  }),
  denied({
    against: 'other roles',
    attempt: 'pass an original role to Lambda',
    stoppedBy: 'PassRole',
    deed: ask('iam:PassRole', role('app'), { 'iam:PassedToService': 'lambda.amazonaws.com' }),
    right: ask('iam:PassRole', role('app'), { 'iam:PassedToService': 'ec2.amazonaws.com' }),
  }),
  denied({
    against: 'other roles',
    attempt: 'put a temp profile back on a bare instance',
    stoppedBy: 'PassRole',
    deed: associate(INSTANCES.elsewhere, TEMPS.open),
    right: rehearsal,
  }),
];

const ours = profile(`${tempPath(elevated).slice(1)}${TEMPS.open}`);
const theirs = profile('app');
const abroad = instanceArn(elevated).replace('us-east-1', 'eu-west-1');
const ABROAD: Cell[] = (
  [
    ['take a temp profile off', 'ec2:DisassociateIamInstanceProfile', { 'ec2:InstanceProfile': ours }],
    ['attach an original', 'ec2:AssociateIamInstanceProfile', { 'ec2:NewInstanceProfile': theirs }],
    [
      'replace a profile by itself',
      'ec2:ReplaceIamInstanceProfileAssociation',
      { 'ec2:InstanceProfile': theirs, 'ec2:NewInstanceProfile': theirs },
    ],
  ] as const
).map(([attempt, action, keys]) =>
  denied({
    against: 'instances that are not enrolled',
    attempt: `${attempt} in another region`,
    stoppedBy: 'the region',
    deed: ask(action, abroad, keys),
    right: ask(action, instanceArn(elevated), keys),
  }),
);

const tag =
  (RoleName: string, Key: string): Deed =>
  ({ iam }) =>
    iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key, Value: '2026-01-05T09:00:00.000Z' }] }));
const strip =
  (RoleName: string): Deed =>
  ({ iam }) =>
    iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'stepup-grant' }));

const KEYS = ['execution', 'started', 'instance-arn', 'original', 'grant', 'requester', 'expires'];
const RECORDS: Cell[] = [
  ...KEYS.map((key) =>
    denied({
      against: 'the record',
      attempt: `write stepup:${key} of a record`,
      stoppedBy: 'the record',
      deed: tag(TEMPS.open, `stepup:${key}`),
      right: tag(TEMPS.closing, 'stepup:draining-since'),
    }),
  ),
  denied({
    against: 'the record',
    attempt: 'write something else beside the state of a record',
    stoppedBy: 'the record',
    deed: ({ iam }) =>
      iam.send(
        new TagRoleCommand({
          RoleName: TEMPS.open,
          Tags: [
            { Key: 'stepup:restoring-since', Value: 'now' },
            { Key: 'stepup:original', Value: 'none' },
          ],
        }),
      ),
    right: tag(TEMPS.closing, 'stepup:delete-after'),
  }),
  denied({
    against: 'original roles',
    attempt: 'tag an original role',
    stoppedBy: 'the path',
    deed: tag('app', 'stepup:restoring-since'),
    right: tag(TEMPS.closing, 'stepup:draining-since'),
  }),
];

/** What it may take away, it may take from its own temp roles alone; and it adds nothing. */
const taking = (against: Asset, attempt: string, deed: Deed, right: Deed, stoppedBy = 'the path'): Cell =>
  denied({ against, attempt, stoppedBy, deed, right });

const detach: Deed = ({ iam }) => iam.send(new DetachRolePolicyCommand({ RoleName: 'app', PolicyArn: SSM_CORE }));
const deleteProfile =
  (InstanceProfileName: string): Deed =>
  ({ iam }) =>
    iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
const empty =
  (name: string): Deed =>
  ({ iam }) =>
    iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));

const TAKING: Cell[] = [
  taking('original roles', 'delete an inline policy of an original role', strip('app'), strip(TEMPS.open)),
  taking('original roles', 'detach a policy from an original role', detach, strip(TEMPS.swapped), 'no permission'),
  taking('original roles', "take the role out of an original's profile", empty('app'), empty(TEMPS.closing)),
  taking('original roles', 'delete an original profile', deleteProfile('app'), deleteProfile(TEMPS.closing)),
  taking(
    'temp roles of others',
    "strip another deployment's temp role",
    strip(TEMPS.foreign),
    strip(TEMPS.swappedBare),
  ),
  taking(
    'temp roles of others',
    'delete a temp role',
    ({ iam }) => iam.send(new DeleteRoleCommand({ RoleName: TEMPS.drained })),
    tag(TEMPS.drained, 'stepup:draining-since'),
    'no permission',
  ),
  taking(
    'data',
    'grant a temp role more',
    ({ iam }) =>
      iam.send(new PutRolePolicyCommand({ RoleName: TEMPS.open, PolicyName: 'all', PolicyDocument: EVERYTHING })),
    strip(TEMPS.spare),
    'no permission',
  ),
  taking(
    'data',
    'attach AdministratorAccess to a temp role',
    ({ iam }) => iam.send(new AttachRolePolicyCommand({ RoleName: TEMPS.open, PolicyArn: ADMINISTRATOR })),
    tag(TEMPS.drained, 'stepup:draining-since'),
    'no permission',
  ),
];

const RESIDUES: Cell[] = [
  allowed({
    against: 'commands on instances',
    attempt: 'cancel any command of the account',
    residue: 'SSM has no resources and no keys for commands that were sent',
    deed: ({ ssm }) =>
      ssm
        .send(new CancelCommandCommand({ CommandId: '00000000-0000-0000-0000-000000000000' }))
        .catch((error: Error) => onlyMissing(error, 'InvalidCommandId')),
  }),
  allowed({
    against: 'instances that are not enrolled',
    attempt: 'give an instance without a profile any restorable one',
    residue:
      'Restore must not hang on a tag that somebody may remove in mid-run. restorableRoles is the limit: name the roles',
    deed: associate(INSTANCES.secondBare, 'app'),
  }),
  allowed({
    against: 'IAM at large',
    attempt: 'empty and delete a profile that is named as ours are, outside the path',
    residue:
      'what does not exist is authorised by its name alone. A profile whose name is stepup- and 32 characters must be ours',
    deed: async (hands) => {
      await (empty(LOOKS_LIKE_OURS) as (h: typeof hands) => Promise<unknown>)(hands);
      return (deleteProfile(LOOKS_LIKE_OURS) as (h: typeof hands) => Promise<unknown>)(hands);
    },
  }),
  allowed({
    against: 'temp roles of others',
    attempt: 'end any run of its own deployment early',
    residue: 'which run an invocation is about, IAM cannot tell. It takes away, and adds nothing',
    deed: replace(elevated, 'app'),
  }),
];

/** AWS let the caller in, and found nothing. */
function onlyMissing(error: Error, name: string): void {
  if (error.name !== name) throw error;
}

export const restore: Cell[] = [
  ...GIVING_BACK,
  ...ABROAD,
  UNNAMED_TAGS,
  OTHER_ACCOUNTS_PROFILES,
  ...RECORDS,
  ...TAKING,
  denied({
    against: 'StepUp itself',
    attempt: 'stop a run',
    stoppedBy: 'no permission',
    deed: ({ sfn }) => sfn.send(new StopExecutionCommand({ executionArn: execution(`${PROD}-elevation:run`) })),
    right: readsHistory,
  }),
  ...HISTORIES,
  OUR_ROLES_ONLY,
  ...RESIDUES,
];
