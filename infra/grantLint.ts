import type { GrantFile, PolicyDocument, Statement } from '../state-machine/catalogue';
import { covers, globOf, listOf, overlap, withoutVariables } from '../state-machine/patterns';
import { SSM_CORE_ACTIONS } from './core';
import { documentFaults } from './grantDocuments';
import { DENIED_ACTIONS, OF_STEPUP } from './guards';
import { actionsMatching } from './iamActions';
import { outliving } from './outlives';
import { characterFaults, statementFaults, textsIn } from './statementLint';

/** Known only where the policy is used. */
const BUILT_INS = ['partition', 'region', 'account'];

/** IAM's own: `${aws:PrincipalTag/team}`, `${s3:prefix, 'none'}`, and its escapes `${*}`, `${?}`, `${$}`. */
const IAM_VARIABLE = /^([a-z0-9-]+:[^{}]+|[*?$])$/i;

/** What is wrong with a grant: `bound` is its policy with the parameters bound. One line each, the field first. */
export const lintGrant = (grant: GrantFile, bound: PolicyDocument): string[] => [
  ...lintParameters(grant),
  ...documentFaults(grant.documents),
  ...lintTexts(grant, bound),
  ...(bound.Statement.length > 0 ? [] : ['policy.Statement: is empty; a grant has at least one']),
  ...bound.Statement.flatMap((statement, index) =>
    lintStatement(statement).map((problem) => `policy.Statement[${index}]${problem}`),
  ),
  ...lintOutliving(grant, bound),
];

/** A grant's text goes into a policy, and into a parameter: Parameter Store takes `{{` for another parameter's name. */
const lintTexts = ({ description }: GrantFile, bound: PolicyDocument): string[] => [
  ...characterFaults(bound).map((fault) => `policy${fault}`),
  ...Object.entries({ description, policy: bound }).flatMap(([field, value]) =>
    textsIn(value)
      .filter((text) => text.includes('{{'))
      .map((text) => `${field}: '${text}' has {{, which Parameter Store refuses; put something between`),
  ),
];

/** What a grant leaves behind that acts on when it has ended. */
export const outlivingOf = ({ Statement }: PolicyDocument): string[] =>
  outliving(Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => listOf(Action)));

function lintOutliving({ outlives }: GrantFile, bound: PolicyDocument): string[] {
  const found = outlivingOf(bound);
  if (outlives === true && found.length === 0) return ['outlives: nothing in the policy does; leave it out'];
  if (outlives === true || found.length === 0) return [];
  return [
    `policy: ${some(found)} can leave something behind that acts on when the grant has ended; name narrower actions, or say "outlives": true`,
  ];
}

const some = (items: string[]): string =>
  `${items.slice(0, 5).join(', ')}${items.length > 5 ? `, and ${items.length - 5} more` : ''}`;

function lintParameters(grant: GrantFile): string[] {
  const declared = Object.keys(grant.parameters ?? {});
  const used = [...JSON.stringify(grant.policy).matchAll(/\$\{([^}]*)\}?/g)].map((match) => match[1] as string);
  const unknown = used.filter((name) => ![...declared, ...BUILT_INS].includes(name) && !IAM_VARIABLE.test(name));
  return [
    ...[...new Set(unknown)].map(
      (name) =>
        `policy: \${${name}} is no parameter of this grant; without one there are \${partition}, \${region}, \${account} and IAM's own variables`,
    ),
    ...declared.filter((name) => !used.includes(name)).map((name) => `parameters.${name}: not used in the policy`),
    ...declared
      .filter((name) => BUILT_INS.includes(name))
      .map((name) => `parameters.${name}: this name is taken by AWS's own value`),
  ];
}

function lintStatement(statement: Statement): string[] {
  const problems = statementFaults(statement);
  // A Deny takes away only: it may be as wide as it likes.
  return statement.Effect === 'Deny' ? problems : [...problems, ...lintAllow(statement)];
}

function lintAllow(statement: Statement): string[] {
  const problems: string[] = [];
  if (statement.NotAction) problems.push('.NotAction: allows what nobody has listed; use Action');
  if (statement.NotResource) problems.push('.NotResource: allows what nobody has listed; use Resource');
  for (const action of listOf(statement.Action)) {
    const fault = deniedIn(action);
    if (fault) problems.push(`.Action: ${fault}`);
    if (isSsmCore(action)) {
      problems.push(
        `.Action: ${action} belongs to SSM core, which comes with the baseline and must not end with a grant`,
      );
    }
  }
  for (const resource of listOf(statement.Resource)) {
    if (isOfStepUp(resource)) problems.push(`.Resource: ${resource} is StepUp's own: every ceiling denies it`);
    if (reachesEveryBucket(resource, listOf(statement.Action))) {
      problems.push(`.Resource: ${resource} reaches buckets that nobody has named; name each bucket`);
    }
  }
  if (comparesExpiry(statement)) {
    problems.push('.Condition: DateLessThan aws:CurrentTime is added at run time, with the expiry of the elevation');
  }
  return problems;
}

/** A guard takes it, so that it could never be used. */
function deniedIn(pattern: string): string | undefined {
  const denied = (action: string) => DENIED_ACTIONS.some((guarded) => overlap(guarded, action));
  const known = actionsMatching(pattern);
  const found = known.length > 0 ? known.map(({ name }) => name).filter(denied) : [pattern].filter(denied);
  if (found.length === 0) return undefined;
  return found[0]?.toLowerCase() === pattern.toLowerCase()
    ? `every ceiling denies ${pattern}`
    : `${pattern} stands for ${some(found)}, too, which every ceiling denies; name each action`;
}

/** Nothing else is; names that begin with the deployment's id are known only when it is deployed. */
const isOfStepUp = (resource: string): boolean =>
  OF_STEPUP.filter((own) => !/\$\{(deployment|stack)\}/.test(own)).some((own) =>
    covers(withoutVariables(own), withoutVariables(resource)),
  );

function isSsmCore(pattern: string): boolean {
  const matches = globOf(pattern, 'i');
  return /^(ssmmessages|ec2messages):/i.test(pattern) || SSM_CORE_ACTIONS.some((action) => matches.test(action));
}

function reachesEveryBucket(resource: string, actions: string[]): boolean {
  const bucket = /^arn:[^:]*:s3:::([^/]*)/.exec(resource)?.[1];
  if (bucket !== undefined) return /[*?$]/.test(bucket);
  // Of S3's bucket and object actions only ListAllMyBuckets has no resource.
  const s3Actions = actions.filter((action) => globOf(action, 'i').test('s3:GetObject') || /^s3:/i.test(action));
  return globOf(resource, 'i').test('arn:aws:s3:::') && s3Actions.some((action) => action !== 's3:ListAllMyBuckets');
}

const comparesExpiry = (statement: Statement): boolean =>
  Object.entries(statement.Condition ?? {}).some(
    ([operator, keys]) =>
      operator.toLowerCase() === 'datelessthan' &&
      Object.keys(keys).some((key) => key.toLowerCase() === 'aws:currenttime'),
  );
