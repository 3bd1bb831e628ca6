import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { deleteProfile, unlessGone } from '../common/instanceProfile';
import { GRANT_POLICY } from '../common/policies';
import { readRole, stateOf } from '../common/record';
import { attachedPolicies, inlinePolicyNames } from '../common/rolePolicies';
import { type Dependencies, isCarried, standingOf } from './survey';

/** Read right before each delete, and not as the survey saw it: the run is over, and no instance carries its profile. */
async function isIdle(name: string, execution: string | undefined, { ec2, sfn }: Dependencies): Promise<boolean> {
  if (execution !== undefined && (await standingOf(execution, sfn)).alive) return false;
  return !(await isCarried(ec2, name));
}

const isDraining = async (name: string, iam: IAMClient): Promise<boolean> => {
  const role = await readRole(iam, name);
  return role !== undefined && stateOf(role).state === 'draining';
};

/**
 * Deletes a profile that marks its instance as busy for no run; IAM would do so although an instance carries it (aws-facts 2.3).
 * @param execution undefined when no run of that name is known
 * @returns false when it must stay
 */
export async function deleteUncarried(
  name: string,
  execution: string | undefined,
  deps: Dependencies,
): Promise<boolean> {
  if (!(await isIdle(name, execution, deps))) return false;
  await deleteProfile(deps.iam, name);
  return true;
}

/**
 * Deletes a role that has drained, its policies first. Its profile is gone by then.
 * @returns false when it must stay
 */
export async function deleteDrained(name: string, execution: string, deps: Dependencies): Promise<boolean> {
  const { iam } = deps;
  const mayGo = async () => (await isIdle(name, execution, deps)) && (await isDraining(name, iam));
  if (!(await mayGo())) return false;
  // Others may have attached something: Quick Setup adds policies to whatever role an instance carries (aws-facts-2 17.4).
  for (const { PolicyArn } of await attachedPolicies(iam, name)) {
    await unlessGone(() => iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn })));
  }
  for (const PolicyName of await inlinePolicyNames(iam, name)) await deletePolicy(name, PolicyName, iam);
  if (!(await mayGo())) return false;
  await unlessGone(() => iam.send(new DeleteRoleCommand({ RoleName: name })));
  return true;
}

/**
 * Takes the grant from a role that drains: a function that was slower than the whole run may have put it on again.
 * @returns whether there was one
 */
export async function stripAgain(name: string, iam: IAMClient): Promise<boolean> {
  if (!(await inlinePolicyNames(iam, name)).includes(GRANT_POLICY)) return false;
  await deletePolicy(name, GRANT_POLICY, iam);
  return true;
}

const deletePolicy = (RoleName: string, PolicyName: string, iam: IAMClient): Promise<void> =>
  unlessGone(() => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
