import { z } from './schema';

/** IAM takes JSON's own booleans and numbers in a Condition, too, and reads them as text. */
const conditionValue = z.pipe(z.union([z.string(), z.boolean(), z.number()]), z.transform(String));

/** One statement of an IAM identity policy; as AWS has it, strings or lists. */
export const statementSchema = z.strictObject({
  Sid: z.optional(z.string()),
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.optional(z.union([z.string(), z.array(z.string())])),
  NotAction: z.optional(z.union([z.string(), z.array(z.string())])),
  Resource: z.optional(z.union([z.string(), z.array(z.string())])),
  NotResource: z.optional(z.union([z.string(), z.array(z.string())])),
  Condition: z.optional(z.record(z.string(), z.record(z.string(), z.union([conditionValue, z.array(conditionValue)])))),
});
export type Statement = z.infer<typeof statementSchema>;

export const policySchema = z.strictObject({ Version: z.literal('2012-10-17'), Statement: z.array(statementSchema) });
export type PolicyDocument = z.infer<typeof policySchema>;

/** A grant's name is part of IAM names, tags and URLs. */
export const GRANT_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Longest run of a grant: half a day. Whoever needs longer needs a role, not an elevation. */
export const LONGEST_GRANT_MINUTES = 720;

const requesterPattern = z.string().check(
  z.regex(/^arn:[^\s]{1,500}$/, "the ARN of a user, a role's session or a schedule, with wildcards if need be"),
  z.refine((pattern) => !/^arn:[^:]*:iam:.*:role\//.test(pattern), {
    error: 'is a role, and its sessions ask: arn:aws:sts::ACCOUNT:assumed-role/NAME/*, NAME without its path',
  }),
);

/** A file of infra/grants/: NAME.json. `${parameter}` in the policy is bound from `parameters` at synth. */
export const grantFileSchema = z.strictObject({
  $schema: z.optional(z.string()),
  description: z.string().check(z.minLength(1), z.maxLength(500)),
  maxMinutes: z.int().check(z.minimum(1), z.maximum(LONGEST_GRANT_MINUTES)),
  documents: z.array(z.string()).check(z.minLength(1)),
  parameters: z.optional(
    z.record(z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9]*$/)), z.string().check(z.minLength(1))),
  ),
  policy: policySchema,
  /** Says that the grant may leave something behind that acts on when it has ended; else it is refused at synth. */
  outlives: z.optional(z.boolean()),
  /** Whether an elevation may be held, for a person to work on the instance with whatever is there. Default: it may. */
  hold: z.optional(z.boolean()),
  /**
   * ARN patterns of who may ask for it by the API or by a schedule, beside what IAM says: `arn:*:sts::*:assumed-role/Operators/*`.
   * Default: whoever IAM lets.
   */
  requesters: z.optional(z.array(requesterPattern).check(z.minLength(1))),
});
export type GrantFile = z.infer<typeof grantFileSchema>;

/** A grant as released: parameters bound; `${partition}`, `${region}`, `${account}` and `${deployment}` are known only when it runs. */
export const grantSchema = z.strictObject({
  description: z.string(),
  maxMinutes: z.int(),
  documents: z.array(z.string()),
  policy: policySchema,
  hold: z.optional(z.boolean()),
  requesters: z.optional(z.array(z.string())),
});
export type Grant = z.infer<typeof grantSchema>;

/** What a release of the functions knows: bundled beside their code as catalogue.json. */
export const catalogueSchema = z.strictObject({
  grants: z.record(z.string(), grantSchema),
  /** Baseline `core`: what SSM Agent needs, and what the deployment adds. */
  core: policySchema,
  /** Ceiling of baseline `inherit`; null switches `inherit` off. */
  inherit: z.nullable(z.strictObject({ policy: policySchema })),
});
export type Catalogue = z.infer<typeof catalogueSchema>;

/** Whose ceiling: a grant's, with baseline `core`, or that of baseline `inherit`. No grant has that name. */
export const INHERIT = 'inherit';

/**
 * Guards of a ceiling by their Sids: what they take is said in the docs, and refuses no original. They are about where a call
 * comes from, about StepUp's tags, metrics and logs, and about instances while they are elevated.
 */
export const NEVER_COUNTED: readonly string[] = [
  'OnlyOnItsInstance',
  'OnlyFromAnInstance',
  'OnlyFromItsVpc',
  'NoAccountPolicies',
  'NoForgedMetrics',
  'NoStepUpTags',
  'NoEnrolment',
  'NoProfileSwaps',
];
/** About StepUp's own things: what these take counts only for an original that names such a thing. */
export const ONLY_WHEN_NAMED: readonly string[] = ['HandsOffStepUp'];

/**
 * Names of the managed policies that are a release's ceilings, by grant and INHERIT: CloudFormation makes them, so that no
 * release meets a policy that an earlier one has left.
 */
export const ceilingsSchema = z.record(z.string(), z.string());
export type Ceilings = z.infer<typeof ceilingsSchema>;

/** IAM path of every ceiling of a deployment. */
export const ceilingPath = (deployment: string): string => `/stepup/ceilings/${deployment}/`;

/** Puts values in the place of `${name}`; IAM's own variables have a colon in their names and stay. */
export function bind(policy: PolicyDocument, values: Record<string, string>): PolicyDocument {
  const text = JSON.stringify(policy).replace(/\$\{([A-Za-z][A-Za-z0-9]*)\}/g, (whole, name: string) =>
    name in values ? JSON.stringify(values[name]).slice(1, -1) : whole,
  );
  return JSON.parse(text) as PolicyDocument;
}

/** The `${name}`s of a policy that nothing has bound yet. */
export const unbound = (policy: PolicyDocument): string[] => [
  ...new Set([...JSON.stringify(policy).matchAll(/\$\{([A-Za-z][A-Za-z0-9]*)\}/g)].map((match) => match[1] as string)),
];

/**
 * The grant as attached: each Allow ends at `expires` by itself. On the Allow side, because a condition there fails
 * closed, and a mirrored Deny would take from the baseline what the grant has in common with it (aws-facts-2 15.4).
 */
export const expiring = (policy: PolicyDocument, expires: string): PolicyDocument => ({
  ...policy,
  Statement: policy.Statement.map((statement) =>
    statement.Effect === 'Allow' ? withExpiry(statement, expires) : statement,
  ),
});

const withExpiry = (statement: Statement, expires: string): Statement => ({
  ...statement,
  Condition: {
    ...statement.Condition,
    DateLessThan: { ...statement.Condition?.DateLessThan, 'aws:CurrentTime': expires },
  },
});
