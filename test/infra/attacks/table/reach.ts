import { TagRoleCommand } from '@aws-sdk/client-iam';
import { ask, type Cell, denied } from '../cell';
import { INSTANCES, iam, instanceArn, PROD, PROD2, TEMPS, tempPath } from '../places';

const STRANGER = '999999999999';

/** What may be read of any profile, and of any role, is of this account. */
export const OTHER_ACCOUNTS_PROFILES: Cell = denied({
  against: 'data',
  attempt: "read another account's instance profile",
  stoppedBy: 'the account',
  deed: ask('iam:GetInstanceProfile', iam('instance-profile/app', STRANGER)),
});

export const OTHER_ACCOUNTS_ROLES: Cell = denied({
  against: 'data',
  attempt: "read another account's role",
  stoppedBy: 'the account',
  deed: ask('iam:GetRole', iam('role/app', STRANGER)),
});

export const OTHER_REGIONS_INSTANCES: Cell = denied({
  against: 'data',
  attempt: 'ask whether an instance in another region is connected',
  stoppedBy: 'the region',
  deed: ask('ssm:GetConnectionStatus', 'arn:aws:ec2:eu-west-1:123456789012:instance/i-00000000000000001'),
});

/** ForAllValues alone is true of none. */
export const UNNAMED_TAGS: Cell = denied({
  against: 'the record',
  attempt: 'tag a temp role without saying with what',
  stoppedBy: 'the record',
  deed: ask('iam:TagRole', iam(`role${tempPath(INSTANCES.enrolled)}${TEMPS.naked}`)),
});

export const UNNAMED_TAGS_OF_CEILINGS: Cell = denied({
  against: 'the ceiling',
  attempt: 'tag a ceiling without saying with what',
  stoppedBy: 'its tag',
  deed: ask('iam:TagPolicy', iam(`policy/stepup/ceilings/${PROD}/old`)),
});

export const OTHER_DRAINS: Cell = denied({
  against: 'temp roles of others',
  attempt: "put off the drain of another deployment's temp role",
  stoppedBy: 'the path',
  deed: ({ iam }) =>
    iam.send(
      new TagRoleCommand({
        RoleName: TEMPS.foreign,
        Tags: [{ Key: 'stepup:delete-after', Value: '2026-01-05T09:00:00.000Z' }],
      }),
    ),
});

export const ALL_PROFILES: Cell = denied({
  against: 'data',
  attempt: 'list all instance profiles of the account',
  stoppedBy: 'the path',
  deed: ask('iam:ListInstanceProfiles', iam('instance-profile/')),
});

const drained = { 'aws:ResourceTag/stepup:draining-since': '2026-01-05T09:00:00.000Z' };

export const OTHER_DRAINED: Cell = denied({
  against: 'temp roles of others',
  attempt: "delete another deployment's temp role that has drained",
  stoppedBy: 'the path',
  deed: ask('iam:DeleteRole', iam(`role${tempPath(INSTANCES.enrolled, PROD2)}${TEMPS.foreign}`), drained),
  right: ask('iam:DeleteRole', iam(`role${tempPath(INSTANCES.enrolled)}${TEMPS.drained}`), drained),
});

export const OPEN_ROLES: Cell = denied({
  against: 'temp roles of others',
  attempt: 'delete the role of a run that is not closed',
  stoppedBy: 'the record',
  deed: ask('iam:DeleteRole', iam(`role${tempPath(INSTANCES.enrolled)}${TEMPS.open}`)),
});

const swapped = (carried: string) =>
  ask('ec2:ReplaceIamInstanceProfileAssociation', instanceArn(INSTANCES.swapped), {
    'ec2:InstanceID': INSTANCES.swapped,
    'ec2:ResourceTag/stepup:grants': 'run-remote-script',
    'ec2:NewInstanceProfile': iam(`instance-profile${tempPath(INSTANCES.swapped)}${TEMPS.swapped}`),
    'ec2:InstanceProfile': carried,
  });

/** Two never overlap on one instance. */
export const RUNNING_ELEVATIONS: Cell[] = [PROD, PROD2].map((deployment) =>
  denied({
    against: 'temp roles of others',
    attempt: `attach a temp profile in the place of ${deployment === PROD ? 'another elevation' : "another deployment's elevation"}`,
    stoppedBy: 'the path',
    deed: swapped(iam(`instance-profile${tempPath(INSTANCES.swapped, deployment)}${TEMPS.open}`)),
    right: swapped(iam('instance-profile/app')),
  }),
);
