import type { GrantFile, PolicyDocument, Statement } from '../state-machine/catalogue';
import { SSM_CORE_ACTIONS } from './core';

/** Known only where the policy is used. */
const BUILT_INS = ['partition', 'region', 'account'];

/** IAM's own: `${aws:PrincipalTag/team}`, `${s3:prefix, 'none'}`, and its escapes `${*}`, `${?}`, `${$}`. */
const IAM_VARIABLE = /^([a-z0-9-]+:[^{}]+|[*?$])$/i;

const list = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** What is wrong with a grant: `bound` is its policy with the parameters bound. One line each, the field first. */
export const lintGrant = (grant: GrantFile, bound: PolicyDocument): string[] => [
  ...lintParameters(grant),
  ...bound.Statement.flatMap((statement, index) =>
    lintStatement(statement).map((problem) => `policy.Statement[${index}]${problem}`),
  ),
];

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
  const problems: string[] = [];
  if (!statement.Action === !statement.NotAction) problems.push(': either Action or NotAction');
  if (!statement.Resource === !statement.NotResource) problems.push(': either Resource or NotResource');
  // A Deny takes away only: it may be as wide as it likes.
  return statement.Effect === 'Deny' ? problems : [...problems, ...lintAllow(statement)];
}

function lintAllow(statement: Statement): string[] {
  const problems: string[] = [];
  if (statement.NotAction) problems.push('.NotAction: allows what nobody has listed; use Action');
  if (statement.NotResource) problems.push('.NotResource: allows what nobody has listed; use Resource');
  for (const action of list(statement.Action)) {
    if (isSsmCore(action)) {
      problems.push(
        `.Action: ${action} belongs to SSM core, which comes with the baseline and must not end with a grant`,
      );
    }
  }
  for (const resource of list(statement.Resource)) {
    if (reachesEveryBucket(resource, list(statement.Action))) {
      problems.push(`.Resource: ${resource} reaches buckets that nobody has named; name each bucket`);
    }
  }
  if (comparesExpiry(statement)) {
    problems.push('.Condition: DateLessThan aws:CurrentTime is added at run time, with the expiry of the elevation');
  }
  return problems;
}

function isSsmCore(pattern: string): boolean {
  const matches = glob(pattern);
  return /^(ssmmessages|ec2messages):/i.test(pattern) || SSM_CORE_ACTIONS.some((action) => matches.test(action));
}

function reachesEveryBucket(resource: string, actions: string[]): boolean {
  const bucket = /^arn:[^:]*:s3:::([^/]*)/.exec(resource)?.[1];
  if (bucket !== undefined) return /[*?$]/.test(bucket);
  // Of S3's bucket and object actions only ListAllMyBuckets has no resource.
  const s3Actions = actions.filter((action) => glob(action).test('s3:GetObject') || /^s3:/i.test(action));
  return glob(resource).test('arn:aws:s3:::') && s3Actions.some((action) => action !== 's3:ListAllMyBuckets');
}

const comparesExpiry = (statement: Statement): boolean =>
  Object.entries(statement.Condition ?? {}).some(
    ([operator, keys]) =>
      operator.toLowerCase() === 'datelessthan' &&
      Object.keys(keys).some((key) => key.toLowerCase() === 'aws:currenttime'),
  );

/** IAM's wildcards, in any case. */
const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  );
