import type { World } from '../world';
import { type Kind, ownName, type Properties } from './kinds';

type Inline = { PolicyName: string; PolicyDocument: object };

const putPolicy = (world: World, RoleName: string, { PolicyName, PolicyDocument }: Inline) =>
  world.asRoot('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: JSON.stringify(PolicyDocument) });

const deletePolicy = (world: World, RoleName: string, { PolicyName }: Inline) =>
  world.asRoot('iam', 'DeleteRolePolicy', { RoleName, PolicyName });

/** What is in `these` and not in `those`. */
const beyond = <T>(these: T[] = [], those: T[] = [], of: (one: T) => string = String): T[] =>
  these.filter((one) => !those.some((other) => of(one) === of(other)));

const nameOf = ({ PolicyName }: Inline): string => PolicyName;
const keyOf = ({ Key }: { Key: string }): string => Key;

/** Policies: those of `after` are put, those of `before` that are not among them are taken. */
async function changePolicies(world: World, RoleName: string, before: Properties, after: Properties): Promise<void> {
  for (const PolicyArn of beyond<string>(after.ManagedPolicyArns, before.ManagedPolicyArns)) {
    await world.asRoot('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
  }
  for (const policy of after.Policies ?? []) await putPolicy(world, RoleName, policy);
  for (const PolicyArn of beyond<string>(before.ManagedPolicyArns, after.ManagedPolicyArns)) {
    await world.asRoot('iam', 'DetachRolePolicy', { RoleName, PolicyArn });
  }
  for (const policy of beyond<Inline>(before.Policies, after.Policies, nameOf)) {
    await deletePolicy(world, RoleName, policy);
  }
}

const role: Kind = {
  replacedBy: ['RoleName', 'Path'],
  create: async ({ world, name }, { Policies, ManagedPolicyArns, ...rest }) => {
    const { RoleName = name, AssumeRolePolicyDocument, ...others } = rest;
    const trust = JSON.stringify(AssumeRolePolicyDocument);
    const { Role } = await world.asRoot('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: trust, ...others });
    await changePolicies(world, RoleName, {}, { Policies, ManagedPolicyArns });
    return { ref: RoleName, attributes: { Arn: Role.Arn, RoleId: Role.RoleId } };
  },
  update: async ({ world }, existing, after) => {
    const { ref: RoleName, properties: before } = existing;
    const { AssumeRolePolicyDocument, Description, MaxSessionDuration, PermissionsBoundary, Tags } = after;
    const PolicyDocument = JSON.stringify(AssumeRolePolicyDocument);
    await world.asRoot('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument });
    await world.asRoot('iam', 'UpdateRole', { RoleName, Description: Description ?? '', MaxSessionDuration });
    if (PermissionsBoundary) {
      await world.asRoot('iam', 'PutRolePermissionsBoundary', { RoleName, PermissionsBoundary });
    } else if (before.PermissionsBoundary) await world.asRoot('iam', 'DeleteRolePermissionsBoundary', { RoleName });
    const gone = beyond<{ Key: string }>(before.Tags, Tags, keyOf).map(keyOf);
    if (gone.length > 0) await world.asRoot('iam', 'UntagRole', { RoleName, TagKeys: gone });
    if (Tags?.length > 0) await world.asRoot('iam', 'TagRole', { RoleName, Tags });
    await changePolicies(world, RoleName, before, after);
    return existing;
  },
  remove: async ({ world }, { ref: RoleName, properties }) => {
    await changePolicies(world, RoleName, properties, {});
    await world.asRoot('iam', 'DeleteRole', { RoleName });
  },
};

const policy: Kind = {
  replacedBy: [],
  create: async ({ world, name }, { Roles = [], ...inline }) => {
    for (const RoleName of Roles) await putPolicy(world, RoleName, inline);
    return { ref: name };
  },
  update: async (context, existing, after) => {
    const { Roles = [], ...inline } = existing.properties;
    const renamed = inline.PolicyName !== after.PolicyName;
    await policy.create(context, after);
    for (const one of renamed ? Roles : beyond<string>(Roles, after.Roles)) {
      await deletePolicy(context.world, one, inline);
    }
    return existing;
  },
  remove: async ({ world }, { properties: { Roles = [], ...inline } }) => {
    for (const RoleName of Roles) await deletePolicy(world, RoleName, inline);
  },
};

const managedPolicy: Kind = {
  replacedBy: ['ManagedPolicyName', 'Path', 'Description'],
  create: async (context, { Roles = [], ...properties }) => {
    const { world } = context;
    const { ManagedPolicyName: PolicyName = ownName(context, 128), PolicyDocument, ...others } = properties;
    const text = JSON.stringify(PolicyDocument);
    const { Policy } = await world.asRoot('iam', 'CreatePolicy', { PolicyName, PolicyDocument: text, ...others });
    for (const RoleName of Roles) await world.asRoot('iam', 'AttachRolePolicy', { RoleName, PolicyArn: Policy.Arn });
    return { ref: Policy.Arn, attributes: { PolicyArn: Policy.Arn } };
  },
  update: (_, { ref }) => {
    throw new Error(`${ref}: the embedded AWS keeps one version of a managed policy, so that none is updated`);
  },
  remove: async ({ world }, { ref: PolicyArn, properties: { Roles = [] } }) => {
    for (const RoleName of Roles) await world.asRoot('iam', 'DetachRolePolicy', { RoleName, PolicyArn });
    await world.asRoot('iam', 'DeletePolicy', { PolicyArn });
  },
};

export const iamKinds: Record<string, Kind> = {
  'AWS::IAM::Role': role,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::ManagedPolicy': managedPolicy,
};
