import {
  DisassociateIamInstanceProfileCommand,
  ReplaceIamInstanceProfileAssociationCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SendCommandCommand } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { ask, type Cell, denied } from '../cell';
import { here, INSTANCES, instanceArn, role, SECRET } from '../places';

export const assume = (RoleArn: string) => new AssumeRoleCommand({ RoleArn, RoleSessionName: 'mallory' });

/** What nobody may, but a temp role with the baseline inherit, if its original may. */
export const AS_THE_ORIGINAL: Cell[] = [
  denied({
    against: 'other roles',
    attempt: 'pass any role to Lambda',
    stoppedBy: 'no permission; the ceiling of a grant',
    deed: ask('iam:PassRole', role('reachable'), { 'iam:PassedToService': 'lambda.amazonaws.com' }),
  }),
  denied({
    against: 'other roles',
    attempt: 'assume a role that trusts the account',
    stoppedBy: 'no permission; the ceiling of a grant',
    deed: ({ sts }) => sts.send(assume(role('reachable'))),
  }),
  denied({
    against: 'instances that are not enrolled',
    attempt: 'exchange the profile of an instance that is not enrolled',
    stoppedBy: 'enrolment; the ceiling of a grant',
    deed: async ({ ec2, association }) =>
      ec2.send(
        new ReplaceIamInstanceProfileAssociationCommand({
          AssociationId: await association(INSTANCES.plain),
          IamInstanceProfile: { Name: 'app' },
        }),
      ),
  }),
  denied({
    against: 'instances that are not enrolled',
    attempt: 'terminate an instance',
    stoppedBy: 'no permission; the ceiling of a grant',
    deed: ({ ec2 }) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [INSTANCES.secondBare] })),
  }),
  denied({
    against: 'the profile of enrolled instances',
    attempt: "take an enrolled instance's original off",
    stoppedBy: 'no permission; the path; the ceiling of a grant',
    deed: async ({ ec2, association }) =>
      ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: await association(INSTANCES.enrolled) })),
  }),
  denied({
    against: 'commands on instances',
    attempt: 'run a script on an instance that is not enrolled',
    stoppedBy: 'enrolment; the ceiling of a grant',
    deed: ({ ssm }) =>
      ssm.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [INSTANCES.plain],
          Parameters: { commands: ['echo mallory'] },
        }),
      ),
  }),
  denied({
    against: 'commands on instances',
    attempt: 'open a session on an instance',
    stoppedBy: 'no permission; the ceiling of a grant',
    deed: ask('ssm:StartSession', instanceArn(INSTANCES.enrolled)),
  }),
  denied({
    against: 'data',
    attempt: 'read an object that no grant names',
    stoppedBy: 'no permission; the ceiling of a grant',
    deed: ({ s3 }) => s3.send(new GetObjectCommand(SECRET)),
  }),
  denied({
    against: 'data',
    attempt: 'read a secret',
    stoppedBy: 'no permission; the ceiling of a grant',
    deed: ask('secretsmanager:GetSecretValue', here('secretsmanager', 'secret:db-AbCdEf')),
  }),
  denied({
    against: 'the audit trail',
    attempt: "write into somebody else's log",
    stoppedBy: 'no permission; the ceiling of a grant',
    deed: ask('logs:PutLogEvents', here('logs', 'log-group:/theirs:log-stream:x')),
  }),
];
