import { expect } from '@jest/globals';
import { answers, type Chain, denied, type Example, type Last, refuses, TIME } from '../example';

const ACCOUNT = 'arn:aws:iam::123456789012';
const document = (statement: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
const trust = document({ Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' });
const policy = document({ Action: 's3:GetObject', Resource: '*' });
const PolicyDocument = JSON.stringify(policy);
const UserName = 'a+=,.@-_b';
const RoleName = 'r+=,.@-_s';
const InstanceProfileName = 'p+=,.@-_q';
const [user, role, profile] = [{ UserName }, { RoleName }, { InstanceProfileName }];
const PolicyArn = `${ACCOUNT}:policy/guide/own`;
const attached = { PolicyName: 'own', PolicyArn };
const Tags = [{ Key: 'Team', Value: 'a b' }];
const unique = (prefix: string) => expect.stringMatching(new RegExp(`^\\(${prefix} `));
const key = (last: Last) => ({ ...user, AccessKeyId: last('ListAccessKeys').AccessKeyMetadata[0].AccessKeyId });
const [noUser, noRole] = [{ UserName: 'bob' }, { RoleName: 'writer' }];
const noUserText = 'The user with name bob cannot be found.';
const noRoleText = 'The role with name writer cannot be found.';
const conflict = 'DeleteConflict';
const done = (operation: string, input: Example['input']) => answers(operation, input, {});
const missing = (operation: string, input: object, message: unknown) =>
  refuses(operation, input, 'NoSuchEntity', message);
const page = { IsTruncated: false };

const users: Example[] = [
  answers('GetUser', {}, { User: { UserId: '123456789012', Arn: `${ACCOUNT}:root`, CreateDate: TIME } }),
  answers('GetUser', user, {
    User: {
      Path: '/guide/',
      UserName,
      UserId: unique('AIDA'),
      Arn: `${ACCOUNT}:user/guide/${UserName}`,
      CreateDate: TIME,
    },
  }),
  missing('GetUser', noUser, noUserText),
  denied('iam', 'GetUser'),
  answers('ListAccessKeys', user, {
    AccessKeyMetadata: [{ UserName, AccessKeyId: unique('AKIA'), Status: 'Active', CreateDate: TIME }],
    ...page,
  }),
  missing('ListAccessKeys', noUser, noUserText),
  done('UpdateAccessKey', (last) => ({ ...key(last), Status: 'Inactive' })),
  missing('UpdateAccessKey', { ...noUser, AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA', Status: 'Active' }, noUserText),
  refuses('DeleteUser', user, conflict, 'Cannot delete entity, must delete access keys first.'),
  done('DeleteAccessKey', key),
  missing(
    'DeleteAccessKey',
    { ...user, AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA' },
    'The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found.',
  ),
  answers('ListAttachedUserPolicies', user, { AttachedPolicies: [attached], ...page }),
  missing('ListAttachedUserPolicies', noUser, noUserText),
  answers('ListUserPolicies', user, { PolicyNames: ['notes'], ...page }),
  missing('ListUserPolicies', noUser, noUserText),
  answers('GetUserPolicy', { ...user, PolicyName: 'notes' }, { ...user, PolicyName: 'notes', PolicyDocument: policy }),
  missing('GetUserPolicy', { ...user, PolicyName: 'no' }, 'The user policy with name no cannot be found.'),
];

const policies: Example[] = [
  answers(
    'ListPolicies',
    { Scope: 'Local' },
    {
      Policies: [
        {
          PolicyName: 'own',
          PolicyId: unique('ANPA'),
          Arn: PolicyArn,
          Path: '/guide/',
          DefaultVersionId: 'v1',
          AttachmentCount: 1,
          PermissionsBoundaryUsageCount: 0,
          IsAttachable: true,
          CreateDate: TIME,
          UpdateDate: TIME,
        },
      ],
      ...page,
    },
  ),
  refuses(
    'ListPolicies',
    {},
    'AccessDenied',
    expect.stringContaining('iam:ListPolicies on resource: policy path / because no identity-based policy allows'),
    'nobody',
  ),
  answers(
    'ListPolicyVersions',
    { PolicyArn },
    { Versions: [{ VersionId: 'v1', IsDefaultVersion: true, CreateDate: TIME }], ...page },
  ),
  denied('iam', 'ListPolicyVersions', { PolicyArn }),
  answers(
    'ListEntitiesForPolicy',
    { PolicyArn },
    { PolicyGroups: [], PolicyUsers: [{ UserName, UserId: unique('AIDA') }], PolicyRoles: [], ...page },
  ),
  missing('ListEntitiesForPolicy', { PolicyArn: `${PolicyArn}s` }, `Policy ${PolicyArn}s was not found.`),
  refuses('DeletePolicy', { PolicyArn }, conflict, 'Cannot delete a policy attached to entities.'),
  done('DetachUserPolicy', { ...user, PolicyArn }),
  missing('DetachUserPolicy', { ...user, PolicyArn }, `Policy ${PolicyArn} was not found.`),
  refuses('DeleteUser', user, conflict, 'Cannot delete entity, must delete policies first.'),
  done('DeleteUserPolicy', { ...user, PolicyName: 'notes' }),
  missing('DeleteUserPolicy', { ...user, PolicyName: 'notes' }, 'The user policy with name notes cannot be found.'),
  done('DeleteUser', user),
];

const roles: Example[] = [
  done('UpdateRole', { ...role, Description: 'reads', MaxSessionDuration: 7200 }),
  missing('UpdateRole', noRole, noRoleText),
  done('PutRolePermissionsBoundary', { ...role, PermissionsBoundary: PolicyArn }),
  denied('iam', 'PutRolePermissionsBoundary', { ...role, PermissionsBoundary: PolicyArn }),
  refuses('DeletePolicy', { PolicyArn }, conflict, 'Cannot delete a policy attached to entities.'),
  done('DeleteRolePermissionsBoundary', role),
  missing('DeleteRolePermissionsBoundary', noRole, noRoleText),
  done('DeletePolicy', { PolicyArn }),
  answers('ListRoleTags', role, { Tags, ...page }),
  missing('ListRoleTags', noRole, noRoleText),
  done('UntagRole', { ...role, TagKeys: ['team'] }),
  denied('iam', 'UntagRole', { ...role, TagKeys: ['team'] }),
  answers('ListRoleTags', role, { Tags: [], ...page }),
  answers('ListInstanceProfilesForRole', role, {
    InstanceProfiles: [
      expect.objectContaining({ InstanceProfileName, Roles: [expect.objectContaining({ RoleName })] }),
    ],
    ...page,
  }),
  missing('ListInstanceProfilesForRole', noRole, noRoleText),
  done('TagInstanceProfile', { ...profile, Tags }),
  denied('iam', 'TagInstanceProfile', { ...profile, Tags }),
  answers('ListInstanceProfileTags', profile, { Tags, ...page }),
  denied('iam', 'ListInstanceProfileTags', profile),
  done('UntagInstanceProfile', { ...profile, TagKeys: ['TEAM'] }),
  denied('iam', 'UntagInstanceProfile', { ...profile, TagKeys: ['TEAM'] }),
  answers('ListInstanceProfileTags', profile, { Tags: [], ...page }),
];

/** What guides make, looked at and taken away; with names that hold all that names may hold. */
export const iamCleanUp: Chain = {
  service: 'iam',
  seed: async ({ asRoot }) => {
    await asRoot('iam', 'CreateUser', { ...user, Path: '/guide/' });
    await asRoot('iam', 'CreateAccessKey', user);
    await asRoot('iam', 'CreatePolicy', { PolicyName: 'own', Path: '/guide/', PolicyDocument });
    await asRoot('iam', 'AttachUserPolicy', { ...user, PolicyArn });
    await asRoot('iam', 'PutUserPolicy', { ...user, PolicyName: 'notes', PolicyDocument });
    await asRoot('iam', 'CreateRole', { ...role, AssumeRolePolicyDocument: JSON.stringify(trust), Tags });
    await asRoot('iam', 'CreateInstanceProfile', profile);
    await asRoot('iam', 'AddRoleToInstanceProfile', { ...profile, ...role });
  },
  examples: [...users, ...policies, ...roles],
};
