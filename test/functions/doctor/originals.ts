import { environment } from '../../support/environment';
import { INSTANCE, request } from '../../support/stage';
import {
  arnOf,
  putPolicy,
  SETTLED,
  somebodyDeletes,
  somebodyMakesAgain,
  somebodyMakesBounded,
  somebodyReplaces,
} from '../worlds';
import { ADMINISTRATOR, type Case, heardOf } from './cases';

const env = (changed: Record<string, string>) => ({ wrapLauncher: environment(changed) });
const manyTags = Array.from({ length: 45 }, (_, i) => ({ Key: `tag-${i}`, Value: 'x' }));
/** Characters of ARNs, a hundred each. */
const long = (count: number) =>
  Array.from({ length: count }, (_, i) => `arn:aws:s3:::${String(i).padStart(2, '0')}${'x'.repeat(82)}`);
const using = (Roles: number): Case['options'] => ({
  intercept: async ({ operation }, proceed) => {
    const answer = (await proceed()) as { SummaryMap?: object };
    return operation === 'GetAccountSummary' ? { SummaryMap: { ...answer.SummaryMap, Roles } } : answer;
  },
});
const bounded: Case['arrange'] = async (stage) => {
  await somebodyMakesBounded(stage);
  await stage.pass(SETTLED);
  await somebodyReplaces(stage, 'bounded');
  await stage.pass(SETTLED);
};

/** The profile that would have to be given back. */
export const ORIGINALS: Case[] = [
  {
    world: 'a node of an EKS cluster',
    id: 'eks-node',
    status: 'failed',
    error: 'OriginalNotRestorable',
    says: ['tag kubernetes.io/cluster/prod'],
    remedy: ['as a pod'],
    options: { tags: { 'kubernetes.io/cluster/prod': 'owned' } },
  },
  {
    world: 'a profile that was deleted',
    id: 'profile',
    status: 'failed',
    error: 'OriginalNotRestorable',
    says: [arnOf('app'), 'does not know any more'],
    remedy: ['aws ec2 replace-iam-instance-profile-association --association-id iip-assoc-'],
    arrange: async (stage) => {
      await heardOf(stage);
      await somebodyDeletes(stage, 'app');
    },
  },
  {
    world: 'a profile that was deleted and made again',
    id: 'profile',
    status: 'failed',
    error: 'OriginalNotRestorable',
    says: ['has made anew since'],
    remedy: [
      'aws ec2 disassociate-iam-instance-profile --association-id iip-assoc-',
      `aws ec2 associate-iam-instance-profile --instance-id ${INSTANCE} --iam-instance-profile Name=app`,
    ],
    arrange: async (stage) => {
      await heardOf(stage);
      await somebodyDeletes(stage, 'app');
      await somebodyMakesAgain(stage, 'app');
    },
  },
  {
    world: 'a profile without a role',
    id: 'one-role',
    status: 'failed',
    error: 'OriginalNotRestorable',
    says: ['holds no role'],
    remedy: ['aws iam add-role-to-instance-profile --instance-profile-name app', 'disassociate-iam-instance-profile'],
    arrange: async (stage) => {
      await heardOf(stage);
      await stage.aws.world.asRoot('iam', 'RemoveRoleFromInstanceProfile', {
        InstanceProfileName: 'app',
        RoleName: 'app',
      });
    },
  },
  {
    world: 'a role that is not among restorableRoles',
    id: 'restorable',
    status: 'failed',
    error: 'OriginalNotRestorable',
    says: ['may not pass arn:aws:iam::123456789012:role/app back'],
    remedy: ['Add "arn:aws:iam::123456789012:role/app" to restorableRoles'],
    options: env({ STEPUP_RESTORABLE_ROLES: '["arn:aws:iam::*:role/ap"]' }),
  },
];

/** What baseline inherit takes along, and whether there is room for it. */
export const RIGHTS: Case[] = [
  {
    world: 'a managed policy that is not among inheritablePolicies',
    id: 'inheritable',
    status: 'warning',
    error: 'PolicyNotInheritable',
    says: ['app has arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'],
    remedy: ['"baseline": "core"', 'aws iam list-attached-role-policies --role-name app'],
    options: env({ STEPUP_INHERITABLE_POLICIES: '["arn:*:iam::aws:policy/Other"]' }),
  },
  {
    world: 'a role with a permissions boundary',
    id: 'boundary',
    status: 'warning',
    error: 'OriginalHasBoundary',
    says: ['bounded has a permissions boundary'],
    remedy: ['"baseline": "core"', 'aws iam get-role --role-name bounded --query Role.PermissionsBoundary'],
    arrange: bounded,
  },
  {
    world: 'an administrator',
    id: 'ceiling',
    status: 'warning',
    error: 'CeilingTooLow',
    says: ['would lose iam:A*'],
    remedy: ['"baseline": "core"'],
    arrange: ({ aws }) => aws.world.asRoot('iam', 'AttachRolePolicy', { RoleName: 'app', PolicyArn: ADMINISTRATOR }),
  },
  {
    world: 'a role with tags that no temp role may have',
    id: 'role-tags',
    status: 'warning',
    says: ['1 of 2: stepup:team cannot be on a temp role'],
    remedy: ['aws iam list-role-tags --role-name app'],
    arrange: ({ aws }) =>
      aws.world.asRoot('iam', 'TagRole', {
        RoleName: 'app',
        Tags: [
          { Key: 'stepup:team', Value: 'x' },
          { Key: 'colour', Value: 'red' },
        ],
      }),
  },
  {
    world: 'any role, which policies elsewhere may name',
    id: 'named-elsewhere',
    status: 'warning',
    says: ['Not looked at: bucket, queue and key policies, KMS grants', 'name arn:aws:iam::123456789012:role/app'],
    remedy: ['aws:PrincipalArn'],
  },
  {
    world: 'inline policies that leave no room for any grant',
    id: 'room',
    status: 'warning',
    error: 'QuotaExceeded',
    says: ['run-remote-script: The temp role would need', 'read-bucket-prefix: The temp role would need'],
    remedy: ['"baseline": "core"', 'aws iam list-role-policies --role-name app'],
    arrange: (stage) =>
      putPolicy(stage, 'app', 'huge', { Effect: 'Allow', Action: 's3:GetObject', Resource: long(99) }),
  },
  {
    world: 'a role with 45 tags',
    id: 'room',
    status: 'warning',
    error: 'QuotaExceeded',
    says: ['tags, IAM allows 50'],
    remedy: ['aws iam list-role-tags --role-name app'],
    arrange: ({ aws }) => aws.world.asRoot('iam', 'TagRole', { RoleName: 'app', Tags: manyTags }),
  },
  {
    world: 'an account whose roles are used up',
    id: 'account-quota',
    status: 'failed',
    error: 'QuotaExceeded',
    says: ["The account's quota of Roles is used up (1000)"],
    remedy: ['stepup drains', 'Service Quotas'],
    options: using(1000),
  },
  {
    world: 'an account with 700 of 1,000 roles',
    id: 'account-quota',
    status: 'warning',
    says: ['700 of 1000 roles', 'its role drains for hours'],
    remedy: ['stepup drains'],
    options: using(700),
  },
  {
    world: 'an elevation that is over, whose role drains',
    id: 'account-quota',
    status: 'ok',
    says: ["Of this instance's temp roles 1 drains"],
    arrange: async (stage) => {
      await stage.ended(await stage.start(request()));
      await stage.pass(SETTLED);
    },
  },
];
