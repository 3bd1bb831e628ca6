import type { Role } from '@aws-sdk/client-iam';
import type { PolicyDocument, Statement } from '../../../state-machine/catalogue';
import { globOf, listOf, withoutVariables } from '../../../state-machine/patterns';

/** An identity policy and what it is called. */
export interface NamedPolicy {
  name: string;
  /** Of a managed one. */
  arn?: string;
  document: PolicyDocument;
}

/** What policies say about an action. */
export interface Judgement {
  /** perhaps: a condition, or resources that are not all, decide. */
  allowed: 'yes' | 'perhaps' | 'no';
  /** The policy, and the statement in it, that decides. */
  by: string;
  /** Undefined: none speaks of it. */
  policy?: NamedPolicy;
}

const fits = (patterns: string[], text: string): boolean =>
  patterns.some((pattern) => globOf(withoutVariables(pattern), 'i').test(text));

const isAbout = ({ Action, NotAction }: Statement, action: string): boolean =>
  NotAction === undefined ? fits(listOf(Action), action) : !fits(listOf(NotAction), action);

/** Whatever is asked for, and whoever asks? */
function isWithoutIf({ Condition, Resource, NotResource }: Statement, resource: string): boolean {
  if (Condition && Object.keys(Condition).length > 0) return false;
  return NotResource === undefined && listOf(Resource).some((one) => one === '*' || fits([one], resource));
}

/** @param resource of the instance's own; AWS has '*' for most that the agent does */
export function judge(policies: NamedPolicy[], action: string, resource: string): Judgement {
  const saying = (effect: Statement['Effect']) =>
    policies.flatMap((policy) =>
      policy.document.Statement.map((statement, at) => ({
        statement,
        by: `${policy.name} (${statement.Sid ?? `statement ${at + 1}`})`,
      }))
        .filter(({ statement }) => statement.Effect === effect && isAbout(statement, action))
        .map(({ statement, by }) => ({ by, policy, sure: isWithoutIf(statement, resource) })),
    );
  const denials = saying('Deny');
  const denial = denials.find(({ sure }) => sure);
  if (denial) return { allowed: 'no', by: `denied by ${denial.by}`, policy: denial.policy };
  const permissions = saying('Allow');
  const permission = permissions.find(({ sure }) => sure) ?? permissions[0];
  if (!permission) return { allowed: 'no', by: 'allowed by none' };
  const { by, policy } = (permission.sure && denials[0]) || permission;
  return { allowed: permission.sure && denials.length === 0 ? 'yes' : 'perhaps', by, policy };
}

/** A trust policy's statement, as AWS has it. */
interface TrustStatement extends Pick<Statement, 'Effect' | 'Action' | 'NotAction' | 'Condition'> {
  Principal?: '*' | Record<string, string | string[]>;
  NotPrincipal?: unknown;
}

export const trustStatements = ({ AssumeRolePolicyDocument = '' }: Role): TrustStatement[] => {
  const document = JSON.parse(decodeURIComponent(AssumeRolePolicyDocument) || '{}') as { Statement?: TrustStatement };
  return [document.Statement ?? []].flat();
};

/**
 * Does the role's trust policy let a service assume it? perhaps: it hangs on a condition, or on whom it means.
 * `"*"` and `{"AWS": "*"}` mean everybody. Unconfirmed: services, too; so that an Allow to them is no more than perhaps, while a
 * Deny of them is taken at its word.
 */
export function trusts(role: Role, services: string[]): Judgement['allowed'] {
  const about = trustStatements(role).filter((statement) => isAbout(statement, 'sts:AssumeRole'));
  const saying = (effect: Statement['Effect']) =>
    about
      .filter(({ Effect, ...statement }) => Effect === effect && meansAny(statement, services))
      .map((statement) => isWithoutCondition(statement) && (effect === 'Deny' || names(statement, services)));
  const [denying, allowing] = [saying('Deny'), saying('Allow')];
  if (denying.includes(true) || allowing.length === 0) return 'no';
  return denying.length === 0 && allowing.includes(true) ? 'yes' : 'perhaps';
}

type Whom = Pick<TrustStatement, 'Principal' | 'NotPrincipal'>;

const names = ({ Principal }: Whom, services: string[]): boolean =>
  typeof Principal === 'object' && listOf(Principal.Service).some((service) => services.includes(service));

export const meansAny = (whom: Whom, services: string[]): boolean =>
  whom.NotPrincipal !== undefined ||
  whom.Principal === '*' ||
  listOf(whom.Principal?.AWS).includes('*') ||
  names(whom, services);

const isWithoutCondition = ({ Condition = {}, NotPrincipal }: TrustStatement): boolean =>
  Object.keys(Condition).length === 0 && NotPrincipal === undefined;
