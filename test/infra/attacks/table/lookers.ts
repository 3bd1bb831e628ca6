import {
  AssociateIamInstanceProfileCommand,
  DescribeInstancesCommand,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  GetPolicyCommand,
  GetRoleCommand,
  ListInstanceProfilesCommand,
  ListRolesCommand,
} from '@aws-sdk/client-iam';
import {
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { DescribeDocumentCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { allowed, type Cell, type Deed, denied } from '../cell';
import { execution, INSTANCES, iam as iamArn, machine, PROD, PROD2, SSM_CORE, TEMPS } from '../places';
import { OTHER_ACCOUNTS_PROFILES, OTHER_ACCOUNTS_ROLES, OTHER_REGIONS_INSTANCES } from './reach';
import { ALL_ROLES, HISTORIES, OTHER_QUEUES, OUR_ROLES_ONLY, readsHistory, readsRecord } from './reading';

const look: Deed = ({ ec2 }) => ec2.send(new DescribeInstancesCommand({}));
const { swapped, enrolledBare } = INSTANCES;

/** What the others may, they may not: they look. */
export const onlyLooking = (right: Deed): Cell[] => [
  denied({
    against: 'the profile of enrolled instances',
    attempt: 'attach a temp profile, which swapProfile may',
    stoppedBy: 'no permission',
    deed: async ({ ec2, association }) =>
      ec2.send(
        new ReplaceIamInstanceProfileAssociationCommand({
          AssociationId: await association(swapped),
          IamInstanceProfile: { Name: TEMPS.swapped },
        }),
      ),
    right,
  }),
  denied({
    against: 'the profile of enrolled instances',
    attempt: 'attach an original to a bare instance, which restore may',
    stoppedBy: 'no permission',
    deed: ({ ec2 }) =>
      ec2.send(
        new AssociateIamInstanceProfileCommand({ InstanceId: enrolledBare, IamInstanceProfile: { Name: 'app' } }),
      ),
    right,
  }),
  denied({
    against: 'temp roles of others',
    attempt: 'attach a policy to a temp role, which createTempRole may',
    stoppedBy: 'no permission',
    deed: ({ iam }) => iam.send(new AttachRolePolicyCommand({ RoleName: TEMPS.spare, PolicyArn: SSM_CORE })),
    right,
  }),
  denied({
    against: 'commands on instances',
    attempt: 'run a script, which runScript may',
    stoppedBy: 'no permission',
    deed: ({ ssm }) =>
      ssm.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [swapped],
          Parameters: { commands: ['echo'] },
        }),
      ),
    right,
  }),
];

const seesEverything = (residue: string): Cell =>
  allowed({ against: 'data', attempt: 'see every instance of the account', residue, deed: look });

const ONLY_LOOKING = onlyLooking(look);

export const waitAssociated: Cell[] = [
  ...ONLY_LOOKING,
  seesEverything('EC2 has no resources and no keys for its Describe calls'),
];

const readsOriginal: Deed = ({ iam }) => iam.send(new GetRoleCommand({ RoleName: 'app' }));

export const captureProfile: Cell[] = [
  ...ONLY_LOOKING,
  OTHER_ACCOUNTS_PROFILES,
  OTHER_ACCOUNTS_ROLES,
  OTHER_REGIONS_INSTANCES,
  denied({
    against: 'data',
    attempt: 'list all roles of the account',
    stoppedBy: 'no permission',
    deed: ({ iam }) => iam.send(new ListRolesCommand({})),
    right: readsOriginal,
  }),
  denied({
    against: 'data',
    attempt: 'list all instance profiles of the account',
    stoppedBy: 'the path',
    deed: ({ iam }) => iam.send(new ListInstanceProfilesCommand({})),
    right: ({ iam }) => iam.send(new ListInstanceProfilesCommand({ PathPrefix: '/stepup/elevations/' })),
  }),
  denied({
    against: 'data',
    attempt: 'read a managed policy that may not be inherited',
    stoppedBy: 'inheritablePolicies',
    deed: ({ iam }) => iam.send(new GetPolicyCommand({ PolicyArn: iamArn('policy/customer') })),
    right: ({ iam }) => iam.send(new GetPolicyCommand({ PolicyArn: SSM_CORE })),
  }),
  denied({
    against: 'data',
    attempt: 'read a document that no grant allows',
    stoppedBy: 'the catalogue',
    deed: ({ ssm }) => ssm.send(new DescribeDocumentCommand({ Name: 'AWS-ConfigureAWSPackage' })),
    right: ({ ssm }) => ssm.send(new DescribeDocumentCommand({ Name: 'AWS-RunShellScript' })),
  }),
  seesEverything('EC2 has no resources and no keys for its Describe calls'),
];

export const guardRelease: Cell[] = [
  ...onlyLooking(readsRecord),
  OUR_ROLES_ONLY,
  ALL_ROLES,
  denied({
    against: 'the record',
    attempt: "read another deployment's record",
    stoppedBy: 'the path',
    deed: ({ iam }) => iam.send(new GetRoleCommand({ RoleName: TEMPS.foreign })),
    right: readsRecord,
  }),
];

export const hold: Cell[] = [
  ...onlyLooking(readsRecord),
  OUR_ROLES_ONLY,
  denied({
    against: 'temp roles of others',
    attempt: 'end a hold by its token, which it is told',
    stoppedBy: 'no permission',
    deed: ({ sfn }) => sfn.send(new SendTaskSuccessCommand({ taskToken: 'any', output: '{}' })),
    right: readsRecord,
  }),
  denied({
    against: 'temp roles of others',
    attempt: 'read the history of a run, which has the tokens of holds',
    stoppedBy: 'no permission',
    deed: readsHistory,
    right: readsRecord,
  }),
];

const start =
  (stateMachineArn: string): Deed =>
  ({ sfn }) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"execution":"x"}' }));
const startsRecovery = start(machine(`${PROD}-recovery`));

/** What starts recoveries starts nothing else. */
export const STARTS_RECOVERIES_ONLY: Cell[] = [
  ['start an elevation', machine(`${PROD}-elevation`)],
  ["start another deployment's recovery", machine(`${PROD2}-recovery`)],
  ["start another account's recovery, by the machine's name", machine(`${PROD}-recovery`, '999999999999')],
].map(([attempt = '', arn = '']) =>
  denied({
    against: 'StepUp itself',
    attempt,
    stoppedBy: 'no permission',
    deed: start(arn),
    right: startsRecovery,
  }),
);

export const recover: Cell[] = [
  OTHER_QUEUES,
  ...STARTS_RECOVERIES_ONLY,
  ...HISTORIES,
  denied({
    against: 'temp roles of others',
    attempt: 'stop a run',
    stoppedBy: 'no permission',
    deed: ({ sfn }) => sfn.send(new StopExecutionCommand({ executionArn: execution(`${PROD}-elevation:run`) })),
    right: readsHistory,
  }),
  denied({
    against: 'temp roles of others',
    attempt: 'read a record',
    stoppedBy: 'no permission',
    deed: ({ iam }) => iam.send(new GetRoleCommand({ RoleName: TEMPS.open })),
    right: readsHistory,
  }),
  allowed({
    against: 'temp roles of others',
    attempt: 'have any run of its own deployment restored early',
    residue: 'which run an invocation is about, IAM cannot tell. It takes away, and adds nothing',
    deed: startsRecovery,
  }),
];

export const describes =
  (executionArn: string): Deed =>
  ({ sfn }) =>
    sfn.send(new DescribeExecutionCommand({ executionArn }));
