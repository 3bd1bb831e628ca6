import { expect } from '@jest/globals';
import { answers, type Chain, denied, type Example, refuses, TIME } from '../example';

const ACCOUNT = 'arn:aws:iam::123456789012';
const trust = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});
const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::exports/*' }],
};
const PolicyDocument = JSON.stringify(policy);
const RoleName = 'reader';
const UserName = 'ann';
const PolicyName = 'read-exports';
const InstanceProfileName = 'reader-profile';
const PolicyArn = `${ACCOUNT}:policy/team/read-exports`;
const MANAGED = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const unique = (prefix: string) => expect.stringMatching(new RegExp(`^\\(${prefix} `));

const newRole = {
  Path: '/team/',
  RoleName,
  RoleId: unique('AROA'),
  Arn: `${ACCOUNT}:role/team/reader`,
  CreateDate: TIME,
  AssumeRolePolicyDocument: trust('ec2.amazonaws.com'),
};
const listedRole = { ...newRole, Description: 'reads', MaxSessionDuration: 7200 };
const user = (name: string) => ({
  Path: '/',
  UserName: name,
  UserId: unique('AIDA'),
  Arn: `${ACCOUNT}:user/${name}`,
  CreateDate: TIME,
});
const profile = (Roles: object[]) => ({
  Path: '/',
  InstanceProfileName,
  InstanceProfileId: unique('AIPA'),
  Arn: `${ACCOUNT}:instance-profile/reader-profile`,
  CreateDate: TIME,
  Roles,
});
const ownPolicy = {
  PolicyName,
  PolicyId: unique('ANPA'),
  Arn: PolicyArn,
  Path: '/team/',
  DefaultVersionId: 'v1',
  AttachmentCount: 0,
  PermissionsBoundaryUsageCount: 0,
  IsAttachable: true,
  CreateDate: TIME,
  UpdateDate: TIME,
};

const noRole = 'The role with name writer cannot be found.';
const noUser = 'The user with name bob cannot be found.';
const noProfile = 'Instance Profile writer-profile cannot be found.';
const writer = { RoleName: 'writer' };
const done = (operation: string, input: Example['input']) => answers(operation, input, {});

const roles: Example[] = [
  answers(
    'CreateRole',
    {
      RoleName,
      Path: '/team/',
      AssumeRolePolicyDocument: JSON.stringify(trust('ec2.amazonaws.com')),
      Description: 'reads',
      MaxSessionDuration: 7200,
      Tags: [{ Key: 'team', Value: 'billing' }],
    },
    { Role: { ...newRole, Tags: [{ Key: 'team', Value: 'billing' }] } },
  ),
  refuses(
    'CreateRole',
    { RoleName, AssumeRolePolicyDocument: JSON.stringify(trust('ec2.amazonaws.com')) },
    'EntityAlreadyExists',
    'Role with name reader already exists.',
  ),
  refuses('CreateRole', { ...writer, AssumeRolePolicyDocument: '{' }, 'MalformedPolicyDocument'),
  denied('iam', 'CreateRole', { ...writer, AssumeRolePolicyDocument: JSON.stringify(trust('ec2.amazonaws.com')) }),
  done('TagRole', { RoleName, Tags: [{ Key: 'tier', Value: '2' }] }),
  refuses('TagRole', { ...writer, Tags: [{ Key: 'tier', Value: '2' }] }, 'NoSuchEntity', noRole),
  done('UpdateAssumeRolePolicy', { RoleName, PolicyDocument: JSON.stringify(trust('lambda.amazonaws.com')) }),
  refuses('UpdateAssumeRolePolicy', { ...writer, PolicyDocument: '{}' }, 'NoSuchEntity', noRole),
  answers(
    'GetRole',
    { RoleName: 'READER' },
    {
      Role: {
        ...listedRole,
        AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
        Tags: [
          { Key: 'team', Value: 'billing' },
          { Key: 'tier', Value: '2' },
        ],
        RoleLastUsed: {},
      },
    },
  ),
  refuses('GetRole', writer, 'NoSuchEntity', noRole),
  done('UpdateAssumeRolePolicy', { RoleName, PolicyDocument: JSON.stringify(trust('ec2.amazonaws.com')) }),
  answers('ListRoles', { PathPrefix: '/team/' }, { Roles: [listedRole], IsTruncated: false }),
  denied('iam', 'ListRoles'),
  done('PutRolePolicy', { RoleName, PolicyName, PolicyDocument }),
  refuses('PutRolePolicy', { RoleName, PolicyName, PolicyDocument: '{' }, 'MalformedPolicyDocument'),
  answers('GetRolePolicy', { RoleName, PolicyName }, { RoleName, PolicyName, PolicyDocument: policy }),
  refuses(
    'GetRolePolicy',
    { RoleName, PolicyName: 'other' },
    'NoSuchEntity',
    'The role policy with name other cannot be found.',
  ),
  answers('ListRolePolicies', { RoleName }, { PolicyNames: [PolicyName], IsTruncated: false }),
  refuses('ListRolePolicies', writer, 'NoSuchEntity', noRole),
  done('AttachRolePolicy', { RoleName, PolicyArn: MANAGED }),
  refuses(
    'AttachRolePolicy',
    { RoleName, PolicyArn: 'arn:aws:iam::123456789012:policy/none' },
    'NoSuchEntity',
    `Policy arn:aws:iam::123456789012:policy/none does not exist or is not attachable.`,
  ),
  answers(
    'ListAttachedRolePolicies',
    { RoleName },
    {
      AttachedPolicies: [{ PolicyName: 'AmazonS3ReadOnlyAccess', PolicyArn: MANAGED }],
      IsTruncated: false,
    },
  ),
  refuses('ListAttachedRolePolicies', writer, 'NoSuchEntity', noRole),
];

const profiles: Example[] = [
  answers('CreateInstanceProfile', { InstanceProfileName }, { InstanceProfile: profile([]) }),
  refuses(
    'CreateInstanceProfile',
    { InstanceProfileName },
    'EntityAlreadyExists',
    'Instance Profile reader-profile already exists.',
  ),
  done('AddRoleToInstanceProfile', { InstanceProfileName, RoleName }),
  refuses(
    'AddRoleToInstanceProfile',
    { InstanceProfileName, RoleName },
    'LimitExceeded',
    'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
  ),
  answers('GetInstanceProfile', { InstanceProfileName }, { InstanceProfile: profile([newRole]) }),
  refuses('GetInstanceProfile', { InstanceProfileName: 'writer-profile' }, 'NoSuchEntity', noProfile),
  answers('ListInstanceProfiles', {}, { InstanceProfiles: [profile([newRole])], IsTruncated: false }),
  denied('iam', 'ListInstanceProfiles'),
  refuses(
    'DeleteInstanceProfile',
    { InstanceProfileName },
    'DeleteConflict',
    'Cannot delete entity, must remove roles from instance profile first.',
  ),
  done('RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }),
  refuses('RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }, 'NoSuchEntity'),
  done('DeleteInstanceProfile', { InstanceProfileName }),
];

const policies: Example[] = [
  answers(
    'CreatePolicy',
    { PolicyName, Path: '/team/', PolicyDocument, Description: 'reads exports' },
    {
      Policy: ownPolicy,
    },
  ),
  refuses('CreatePolicy', { PolicyName, Path: '/team/', PolicyDocument }, 'EntityAlreadyExists'),
  refuses('CreatePolicy', { PolicyName: 'bad', PolicyDocument: '{"Version":"2012-10-17"}' }, 'MalformedPolicyDocument'),
  answers('GetPolicy', { PolicyArn }, { Policy: { ...ownPolicy, Description: 'reads exports', Tags: [] } }),
  refuses('GetPolicy', { PolicyArn: `${PolicyArn}X` }, 'NoSuchEntity'),
  done('TagPolicy', { PolicyArn, Tags: [{ Key: 'tier', Value: '' }] }),
  answers(
    'GetPolicy',
    { PolicyArn },
    { Policy: { ...ownPolicy, Description: 'reads exports', Tags: [{ Key: 'tier', Value: '' }] } },
  ),
  refuses('TagPolicy', { PolicyArn: `${PolicyArn}X`, Tags: [{ Key: 'tier', Value: '2' }] }, 'NoSuchEntity'),
  answers(
    'GetPolicyVersion',
    { PolicyArn, VersionId: 'v1' },
    {
      PolicyVersion: { Document: policy, VersionId: 'v1', IsDefaultVersion: true, CreateDate: TIME },
    },
  ),
  refuses('GetPolicyVersion', { PolicyArn, VersionId: 'v2' }, 'NoSuchEntity'),
];

const users: Example[] = [
  answers('CreateUser', { UserName }, { User: user(UserName) }),
  refuses('CreateUser', { UserName }, 'EntityAlreadyExists', 'User with name ann already exists.'),
  answers(
    'CreateAccessKey',
    { UserName },
    {
      AccessKey: {
        UserName,
        AccessKeyId: unique('AKIA'),
        Status: 'Active',
        SecretAccessKey: '(opaque)',
        CreateDate: TIME,
      },
    },
  ),
  refuses('CreateAccessKey', { UserName: 'bob' }, 'NoSuchEntity', noUser),
  done('AttachUserPolicy', { UserName, PolicyArn }),
  refuses('AttachUserPolicy', { UserName: 'bob', PolicyArn }, 'NoSuchEntity', noUser),
  done('PutUserPolicy', { UserName, PolicyName, PolicyDocument }),
  refuses('PutUserPolicy', { UserName: 'bob', PolicyName, PolicyDocument }, 'NoSuchEntity', noUser),
  answers('ListUsers', {}, { Users: [user('admin'), user(UserName), user('nobody')], IsTruncated: false }),
  denied('iam', 'ListUsers'),
  answers(
    'GetAccountSummary',
    {},
    {
      SummaryMap: expect.objectContaining({ Users: 3, Roles: 1, Policies: 1, RolesQuota: 1000 }),
    },
  ),
  denied('iam', 'GetAccountSummary'),
];

const away: Example[] = [
  refuses('DeleteRole', { RoleName }, 'DeleteConflict', 'Cannot delete entity, must detach all policies first.'),
  done('DetachRolePolicy', { RoleName, PolicyArn: MANAGED }),
  refuses('DetachRolePolicy', { RoleName, PolicyArn: MANAGED }, 'NoSuchEntity', `Policy ${MANAGED} was not found.`),
  refuses('DeleteRole', { RoleName }, 'DeleteConflict', 'Cannot delete entity, must delete policies first.'),
  done('DeleteRolePolicy', { RoleName, PolicyName }),
  refuses(
    'DeleteRolePolicy',
    { RoleName, PolicyName },
    'NoSuchEntity',
    'The role policy with name read-exports cannot be found.',
  ),
  done('DeleteRole', { RoleName }),
];

export const iam: Chain = {
  service: 'iam',
  examples: [...roles, ...profiles, ...policies, ...users, ...away],
};
