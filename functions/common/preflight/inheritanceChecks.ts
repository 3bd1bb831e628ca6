import { bind, type PolicyDocument } from '../../../state-machine/catalogue';
import { globOf } from '../../../state-machine/patterns';
import { parseExecution } from '../names';
import { localise } from '../policies';
import { cutActions } from './ceiling';
import { type InstanceCheck, refuse } from './check';
import { inherited } from './subject';

/** By the names alone: what may not be inherited is not read. */
export const inheritable: InstanceCheck = {
  id: 'inheritable',
  title: "The role's managed policies may be inherited",
  run: async ({ request, deps, attachedPolicies, role }) => {
    if (request.baseline !== 'inherit') return;
    const patterns = deps.config.inheritablePolicies.map((pattern) => globOf(pattern));
    const others = (await attachedPolicies()).filter((arn) => !patterns.some((pattern) => pattern.test(arn)));
    if (others.length === 0) return;
    refuse(
      'PolicyNotInheritable',
      `${(await role())?.RoleName} has ${some(others)}, which no temp role of this deployment may have: ask with "baseline": "core", or add ${others.length > 1 ? 'them' : 'it'} to inheritablePolicies and deploy.`,
    );
  },
};

export const boundary: InstanceCheck = {
  id: 'boundary',
  title: 'The role has no permissions boundary of its own',
  run: async ({ request, role }) => {
    if (request.baseline !== 'inherit') return;
    const found = await role();
    const arn = found?.PermissionsBoundary?.PermissionsBoundaryArn;
    if (arn) {
      refuse(
        'OriginalHasBoundary',
        `${found?.RoleName} has a permissions boundary (${arn}), and a role can wear only one: ask with "baseline": "core".`,
      );
    }
  },
};

export const ceiling: InstanceCheck = {
  id: 'ceiling',
  title: 'The ceiling leaves everything that the role allows',
  run: async (subject) => {
    const { request, role, deps } = subject;
    if (request.baseline !== 'inherit') return;
    const { inline, managed } = await inherited(subject);
    const policies = [
      ...managed.map(({ document: policy }) => policy),
      ...inline.map(({ document: policy }) => JSON.parse(policy) as PolicyDocument),
    ];
    const { deployment } = deps.config;
    const cut = deps.catalogue.inherit
      ? cutActions(
          bind(localise(deps.catalogue.inherit.policy, parseExecution(subject.execution.Id)), { deployment }),
          policies.map(inTodaysLanguage),
        )
      : [];
    if (cut.length > 0) {
      refuse(
        'CeilingTooLow',
        `While elevated the instance would lose ${some(cut)}, which ${(await role())?.RoleName} allows and StepUp's ceiling does not: ask with "baseline": "core", or give the role a narrower policy; where inheritCeiling is what cuts, widen it and deploy.`,
      );
    }
  },
};

/** The first few. */
const some = (items: string[]): string => `${items.slice(0, 5).join(', ')}${items.length > 5 ? ', …' : ''}`;

/** IAM accepts a single statement without its list; and before 2012-10-17 it knew no variables, so that `${` is text. */
export function inTodaysLanguage(policy: PolicyDocument): PolicyDocument {
  const statements = [policy.Statement].flat();
  if (policy.Version === '2012-10-17') return { ...policy, Statement: statements };
  return { ...policy, Statement: JSON.parse(JSON.stringify(statements).replaceAll('${', '?{')) };
}
