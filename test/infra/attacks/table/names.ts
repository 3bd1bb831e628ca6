import { AssociateIamInstanceProfileCommand } from '@aws-sdk/client-ec2';
import { CreateRoleCommand, type CreateRoleCommandInput } from '@aws-sdk/client-iam';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Deed } from '../cell';
import { EC2_TRUST, INSTANCES, machine, PROD, TEMPS, tempPath } from '../places';

const create =
  (change: Partial<CreateRoleCommandInput>): Deed =>
  ({ iam }) =>
    iam.send(new CreateRoleCommand({ RoleName: 'odd', AssumeRolePolicyDocument: EC2_TRUST, ...change }));

/** Names that AWS takes from nobody, so that no policy has to be right about them. */
export const UNSPEAKABLE: { what: string; deed: Deed; error: string }[] = [
  {
    what: 'an instance id with a wildcard',
    deed: ({ ec2 }) =>
      ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: 'i-*', IamInstanceProfile: { Name: TEMPS.open } })),
    error: 'InvalidInstanceID.Malformed',
  },
  {
    what: "a wildcard in a tag's value, which the ceiling would compare with",
    deed: create({ Tags: [{ Key: 'stepup:instance-arn', Value: 'arn:aws:ec2:us-east-1:123456789012:instance/*' }] }),
    error: 'ValidationError',
  },
  {
    what: 'a path with a letter that only looks right',
    deed: create({ Path: tempPath(INSTANCES.enrolled).replace('e', '\u0435') }),
    error: 'ValidationError',
  },
  {
    what: 'a run whose name has a wildcard',
    deed: ({ sfn }) =>
      sfn.send(new StartExecutionCommand({ stateMachineArn: machine(`${PROD}-elevation`), name: '*' })),
    error: 'InvalidName',
  },
];
