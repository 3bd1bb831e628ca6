import { AssociateIamInstanceProfileCommand, DisassociateIamInstanceProfileCommand } from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { GetExecutionHistoryCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { SendCommandCommand } from '@aws-sdk/client-ssm';
import { type Asset, ask, type Cell, type Deed, denied } from '../cell';
import {
  EC2_TRUST,
  execution,
  INSTANCES,
  lambda,
  machine,
  PROD,
  PROD2,
  record,
  SSM_CORE,
  TEMPS,
  tempPath,
} from '../places';

/** Each by every function of `prod-2`; those which may do it may to their own deployment's alone. */
const crossing = (against: Asset, attempt: string, deed: Deed): Cell =>
  denied({ against, attempt, stoppedBy: 'the path', deed });

const create =
  (Path: string, RoleName: string, ceilingOf: string): Deed =>
  async ({ iam, ceiling }) =>
    iam.send(
      new CreateRoleCommand({
        RoleName,
        Path,
        AssumeRolePolicyDocument: EC2_TRUST,
        Tags: record(INSTANCES.foreign, PROD2),
        PermissionsBoundary: await ceiling(ceilingOf, 'inherit'),
      }),
    );

/** What the functions of another deployment may not do to this one. */
export const OTHERS: Cell[] = [
  crossing(
    'temp roles of others',
    "make a role under this deployment's path",
    create(tempPath(INSTANCES.foreign), 'x1', PROD2),
  ),
  crossing(
    'the ceiling',
    "make a role with this deployment's ceiling",
    create(tempPath(INSTANCES.foreign, PROD2), 'x2', PROD),
  ),
  crossing('temp roles of others', "attach a policy to this deployment's temp role", ({ iam }) =>
    iam.send(new AttachRolePolicyCommand({ RoleName: TEMPS.open, PolicyArn: SSM_CORE })),
  ),
  crossing('temp roles of others', "strip this deployment's temp role", ({ iam }) =>
    iam.send(new DeleteRolePolicyCommand({ RoleName: TEMPS.open, PolicyName: 'stepup-grant' })),
  ),
  crossing('temp roles of others', "delete this deployment's temp role", ({ iam }) =>
    iam.send(new DeleteRoleCommand({ RoleName: TEMPS.drained })),
  ),
  crossing('the record', 'close a record of this deployment', ({ iam }) =>
    iam.send(new TagRoleCommand({ RoleName: TEMPS.spare, Tags: [{ Key: 'stepup:restoring-since', Value: 'now' }] })),
  ),
  crossing('the record', 'put a drain of this deployment off', ({ iam }) =>
    iam.send(new TagRoleCommand({ RoleName: TEMPS.closing, Tags: [{ Key: 'stepup:delete-after', Value: 'never' }] })),
  ),
  crossing('the profile of enrolled instances', "attach this deployment's temp profile", ({ ec2 }) =>
    ec2.send(
      new AssociateIamInstanceProfileCommand({
        InstanceId: INSTANCES.enrolledBare,
        IamInstanceProfile: { Name: TEMPS.swappedBare },
      }),
    ),
  ),
  crossing(
    'the profile of enrolled instances',
    "take this deployment's temp profile off",
    async ({ ec2, association }) =>
      ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: await association(INSTANCES.carrier) })),
  ),
  crossing('StepUp itself', 'start an elevation of this deployment', ({ sfn }) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn: machine(`${PROD}-elevation`), input: '{}' })),
  ),
  crossing('StepUp itself', 'start a recovery of this deployment', ({ sfn }) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn: machine(`${PROD}-recovery`), input: '{}' })),
  ),
  crossing('StepUp itself', 'stop a run of this deployment', ({ sfn }) =>
    sfn.send(new StopExecutionCommand({ executionArn: execution(`${PROD}-elevation:run`) })),
  ),
  crossing('data', 'read the history of a run of this deployment', ({ sfn }) =>
    sfn.send(new GetExecutionHistoryCommand({ executionArn: execution(`${PROD}-elevation:run`) })),
  ),
  crossing(
    'StepUp itself',
    'invoke a function of this deployment',
    ask('lambda:InvokeFunction', lambda(`${PROD}-restore:1`)),
  ),
  crossing('commands on instances', "send this deployment's document", ({ ssm }) =>
    ssm.send(
      new SendCommandCommand({
        DocumentName: `${PROD}-ProveIdentity`,
        InstanceIds: [INSTANCES.swapped],
        Parameters: { roleName: [TEMPS.open] },
      }),
    ),
  ),
];
