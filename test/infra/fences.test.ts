import { beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '../../local';
import { virtualClock } from '../../local/clock/virtual';
import type { ConditionContext } from '../../local/world';
import { ASSEMBLY, DEPLOYMENT, INSTANCE } from '../support/deployed';

const ACCOUNT = '123456789012';
const instance = `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/${INSTANCE}`;
const temp = `/stepup/elevations/${INSTANCE}/${DEPLOYMENT}/stepup-${'0'.repeat(32)}`;
const tempRole = `arn:aws:iam::${ACCOUNT}:role${temp}`;
const tempProfile = `arn:aws:iam::${ACCOUNT}:instance-profile${temp}`;
const theirs = `arn:aws:iam::${ACCOUNT}:instance-profile/theirs`;
const original = `arn:aws:iam::${ACCOUNT}:instance-profile/app`;
const ceiling = `arn:aws:iam::${ACCOUNT}:policy/stepup/ceilings/${DEPLOYMENT}/${DEPLOYMENT}-inherit`;
const replace = 'ec2:ReplaceIamInstanceProfileAssociation';
const enrolled = { 'ec2:ResourceTag/stepup:grants': 'run-remote-script', 'ec2:InstanceID': INSTANCE };

interface Fence {
  what: string;
  fn: string;
  action: string;
  resource: string;
  /** As the function does it. */
  right: ConditionContext;
  /** As it must never do it. */
  wrong: ConditionContext;
}

const ceilinged = { 'iam:PermissionsBoundary': ceiling };
const record = Object.fromEntries(
  ['execution', 'instance-arn', 'original', 'expires'].map((tag) => [`aws:RequestTag/stepup:${tag}`, 'as recorded']),
);
const FENCES: Fence[] = [
  {
    what: 'a temp role has a ceiling',
    fn: 'createTempRole',
    action: 'iam:CreateRole',
    resource: tempRole,
    right: { ...ceilinged, ...record },
    wrong: record,
  },
  {
    what: 'nothing is put on a role that closes',
    fn: 'createTempRole',
    action: 'iam:PutRolePolicy',
    resource: tempRole,
    right: ceilinged,
    wrong: { ...ceilinged, 'aws:ResourceTag/stepup:restoring-since': '2026-01-05T09:00:00.000Z' },
  },
  {
    what: 'a record is written once',
    fn: 'createTempRole',
    action: 'iam:TagRole',
    resource: tempRole,
    right: { 'aws:TagKeys': ['stepup:execution'] },
    wrong: { 'aws:TagKeys': ['stepup:execution'], 'aws:ResourceTag/stepup:execution': 'arn:aws:states:…' },
  },
  {
    what: 'the swap attaches our profiles only',
    fn: 'swapProfile',
    action: replace,
    resource: instance,
    right: { ...enrolled, 'ec2:NewInstanceProfile': tempProfile },
    wrong: { ...enrolled, 'ec2:NewInstanceProfile': theirs },
  },
  {
    what: 'the swap is for enrolled instances',
    fn: 'swapProfile',
    action: replace,
    resource: instance,
    right: { ...enrolled, 'ec2:NewInstanceProfile': tempProfile },
    wrong: { 'ec2:InstanceID': INSTANCE, 'ec2:NewInstanceProfile': tempProfile },
  },
  {
    what: 'Restore takes our profiles off only',
    fn: 'restore',
    action: 'ec2:DisassociateIamInstanceProfile',
    resource: instance,
    right: { 'ec2:InstanceProfile': tempProfile },
    wrong: { 'ec2:InstanceProfile': theirs },
  },
  {
    what: 'Restore fills bare instances only',
    fn: 'restore',
    action: 'ec2:AssociateIamInstanceProfile',
    resource: instance,
    right: { 'ec2:NewInstanceProfile': original },
    wrong: { 'ec2:NewInstanceProfile': original, 'ec2:InstanceProfile': theirs },
  },
  {
    what: 'the rehearsal is of the same profile',
    fn: 'restore',
    action: replace,
    resource: instance,
    right: { 'ec2:InstanceProfile': original, 'ec2:NewInstanceProfile': original },
    wrong: { 'ec2:InstanceProfile': theirs, 'ec2:NewInstanceProfile': original },
  },
  {
    what: 'Restore writes the state of a record only',
    fn: 'restore',
    action: 'iam:TagRole',
    resource: tempRole,
    right: { 'aws:TagKeys': ['stepup:restoring-since'] },
    wrong: { 'aws:TagKeys': ['stepup:original'] },
  },
  {
    what: 'roles are passed to EC2 only',
    fn: 'restore',
    action: 'iam:PassRole',
    resource: `arn:aws:iam::${ACCOUNT}:role/app`,
    right: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    wrong: { 'iam:PassedToService': 'lambda.amazonaws.com' },
  },
  {
    what: 'scripts are sent to enrolled instances',
    fn: 'runScript',
    action: 'ssm:SendCommand',
    resource: instance,
    right: { 'ssm:resourceTag/stepup:grants': 'run-remote-script' },
    wrong: {},
  },
];

describe('what IAM refuses, should a function go wrong', () => {
  let aws: LocalAws;
  beforeAll(async () => {
    const clock = virtualClock();
    aws = createLocalAws({ clock });
    await clock.run(aws.deploy(ASSEMBLY).then(() => clock.sleep(60_000)));
  });

  const isAllowed = ({ fn, action, resource }: Fence, context: ConditionContext): boolean => {
    const { iam } = aws.world;
    const roleName = `${DEPLOYMENT}-${fn}`;
    const { accessKeyId } = iam.issueSession({ roleName, sessionName: fn, lifetime: 60_000 });
    const principal = iam.accessKey(accessKeyId)?.principal;
    if (!principal) throw new Error(`There is no ${roleName}`);
    return iam.evaluate(principal, action, resource, context).allowed;
  };

  test.each(FENCES)('$what', (fence) => {
    expect(isAllowed(fence, fence.right)).toBe(true);
    expect(isAllowed(fence, fence.wrong)).toBe(false);
  });
});
