import type { Statement } from '../state-machine/catalogue';
import { listOf, overlap, withoutVariables } from '../state-machine/patterns';
import { GUARDS } from './guards';

/** Actions of other services that are about an ARN of this one. Held against AWS's list of actions by a test. */
const ALSO_ON: Record<string, string[]> = {
  iam: ['sts:*', 'ec2:*EnclaveCertificateIamRole', 'ssm:UpdateManagedInstanceRole', 'codestar:*UserProfile'],
  sns: ['devops-guru:*NotificationChannel'],
};

/** What a statement allows, as widely as it can be meant. */
interface Reach {
  actions: string[];
  resources: string[];
}

const reachOf = ({ Action, NotAction, Resource, NotResource }: Statement): Reach => ({
  actions: NotAction ? ['*'] : listOf(Action),
  resources: NotResource ? ['*'] : listOf(Resource).map(withoutVariables),
});

/**
 * Those guards, and of each that part, which these statements could ever touch: a ceiling has 6,144 characters, and a guard
 * against what it does not allow anyway would only take room from the grant.
 */
export function guardsOfGrant(allowed: Statement[]): Statement[] {
  const reaches = allowed.filter(({ Effect }) => Effect === 'Allow').map(reachOf);
  return GUARDS.flatMap((guard) => partOf(guard, reaches) ?? []);
}

function partOf(guard: Statement, reaches: Reach[]): Statement | undefined {
  const Action = kept(listOf(guard.Action), (action) => reaches.some(({ actions }) => touches(actions, action)));
  const Resource = kept(listOf(guard.Resource), (arn) =>
    reaches.some(({ actions, resources }) => mayBeOn(actions, arn) && touches(resources, withoutVariables(arn))),
  );
  return Action && Resource ? { ...guard, Action, Resource } : undefined;
}

const touches = (patterns: string[], other: string): boolean => patterns.some((pattern) => overlap(pattern, other));

/** As IAM has it: one by itself, several as a list. */
function kept(list: string[], is: (item: string) => boolean): string | string[] | undefined {
  const items = list.filter(is);
  return items.length > 1 ? items : items[0];
}

function mayBeOn(actions: string[], arn: string): boolean {
  if (arn === '*') return true;
  const service = arn.split(':')[2] ?? '*';
  return [`${service}:*`, ...(ALSO_ON[service] ?? [])].some((theirs) => touches(actions, theirs));
}
