import {
  type AttachedPolicy,
  GetRolePolicyCommand,
  type IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam';

/** An inline policy, its document decoded. */
export interface InlinePolicy {
  name: string;
  document: string;
}

export async function attachedPolicies(iam: IAMClient, roleName: string): Promise<AttachedPolicy[]> {
  const policies: AttachedPolicy[] = [];
  for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName: roleName })) {
    policies.push(...(page.AttachedPolicies ?? []));
  }
  return policies;
}

export async function inlinePolicyNames(iam: IAMClient, roleName: string): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateListRolePolicies({ client: iam }, { RoleName: roleName })) {
    names.push(...(page.PolicyNames ?? []));
  }
  return names;
}

/** All inline policies of a role; IAM hands documents out URL-encoded (aws-facts 2.1). */
export async function inlinePolicies(iam: IAMClient, roleName: string): Promise<InlinePolicy[]> {
  const policies: InlinePolicy[] = [];
  for (const name of await inlinePolicyNames(iam, roleName)) {
    const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName: roleName, PolicyName: name }));
    policies.push({ name, document: decodeURIComponent(PolicyDocument ?? '') });
  }
  return policies;
}
