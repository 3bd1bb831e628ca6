import { z } from '../../state-machine/schema';
import { fields } from './fields';
import { slipsInPolicy } from './policySlips';

/** `name:` with nothing behind it: all settings are the defaults. */
const orEmpty = <Output>(schema: z.ZodMiniType<Output>) =>
  z.pipe(
    z.transform((value: unknown): unknown => value ?? {}),
    schema,
  );

/** A section: settings by name. */
const named = <Output>(schema: z.ZodMiniType<Output>) => z._default(orEmpty(z.record(z.string(), orEmpty(schema))), {});

const texts = z._default(z.array(z.string()), []);
const tags = z._default(z.record(z.string(), z.string()), {});
const anyObject = z.record(z.string(), z.unknown());

const POLICY = 'give a list of statements, or a whole policy document with Version and Statement';
const policyDocument = z
  .union([z.array(anyObject), anyObject], POLICY)
  .check(({ value, issues }) => void issues.push(...slipsInPolicy(value, POLICY)));
export type PolicySource = z.infer<typeof policyDocument>;

const TRUST =
  'say who may assume the role: ec2.amazonaws.com, or a list of services, account ids (in quotes) and ARNs, or a whole trust policy';
const trust = z
  .union([z.string(), z.array(z.string()).check(z.minLength(1)), anyObject], TRUST)
  .check(({ value, issues }) => {
    if (typeof value === 'object' && !Array.isArray(value)) issues.push(...slipsInPolicy(value, TRUST));
  });
export type TrustSource = z.infer<typeof trust>;

/** What roles and users have in common. Managed policies: an ARN, a name under `policies`, or the name of one of AWS's. */
const identity = {
  path: z.optional(z.string()),
  managedPolicies: texts,
  policies: z._default(z.record(z.string(), policyDocument), {}),
  boundary: z.optional(z.string()),
  tags,
};

const customerPolicy = z.pipe(
  // Statements alone are the short form.
  z.transform((value) => (Array.isArray(value) ? { document: value } : value)),
  fields({ path: z.optional(z.string()), description: z.optional(z.string()), document: policyDocument }),
);

const role = fields({
  ...identity,
  trust,
  description: z.optional(z.string()),
  maxSessionDuration: z.optional(z.int()),
  /** Puts it into an instance profile of the same name and path, as the console does. */
  profile: z._default(z.boolean(), false),
});

const ACCESS_KEY_ID = /^AKIA[A-Z0-9]{16}$/;

const accessKey = z
  .union(
    [z.literal('generated'), fields({ id: z.string(), secret: z.string() })],
    "give 'generated', or { id: …, secret: … }",
  )
  .check(
    z.refine((key) => key === 'generated' || ACCESS_KEY_ID.test(key.id), {
      path: ['id'],
      error: 'an access key id is AKIA and 16 capital letters or digits',
    }),
  );

const object = z.union(
  [
    fields({ text: z.string(), contentType: z.optional(z.string()) }),
    fields({ file: z.string(), contentType: z.optional(z.string()) }),
  ],
  'give { text: … } or { file: a path from this file }, and contentType if need be',
);

const instance = fields({
  profile: z.optional(z.string()),
  tags,
  platform: z.optional(z.enum(['Linux', 'Windows'])),
  /** Metadata tokens: 'optional' lets IMDSv1 in. */
  imds: z.optional(z.enum(['required', 'optional'])),
  agent: z._default(fields({ running: z.optional(z.boolean()), version: z.optional(z.string()) }), {}),
  state: z.optional(z.enum(['running', 'stopped'])),
});

/** Of State Manager: to be seen, nothing runs by it. */
const association = fields({
  document: z.string(),
  name: z.optional(z.string()),
  /** By key: InstanceIds, ParameterValues, tag:NAME. */
  targets: z.optional(z.record(z.string(), z.array(z.string()))),
  /** The one that the targets are values of, where the document is an automation. */
  targetParameter: z.optional(z.string()),
  parameters: z.optional(z.record(z.string(), z.array(z.string()))),
  schedule: z.optional(z.string()),
});

const INSTANCE_ID = /^i-([0-9a-f]{8}|[0-9a-f]{17})$/;
const REGION = /^(?!cn-|us-gov-|us-iso)[a-z]{2}(-[a-z]+)+-\d$/;

/** An account as somebody writes it down: what `stepup local` begins with. */
export const worldSchema = orEmpty(
  fields({
    account: z._default(z.string().check(z.regex(/^\d{12}$/, 'an account id has twelve digits')), '123456789012'),
    region: z._default(
      z.string().check(z.regex(REGION, 'a region looks like us-east-1 (China and GovCloud are other partitions)')),
      'us-east-1',
    ),
    policies: named(customerPolicy),
    users: named(fields({ ...identity, accessKeys: z._default(z.array(accessKey), []) })),
    roles: named(role),
    profiles: named(fields({ path: z.optional(z.string()), role: z.optional(z.string()), tags })),
    buckets: named(fields({ objects: z._default(orEmpty(z.record(z.string(), object)), {}) })),
    instances: z._default(
      orEmpty(
        z.record(
          z.string().check(z.regex(INSTANCE_ID, 'an instance id looks like i-0123456789abcdef0')),
          orEmpty(instance),
        ),
      ),
      {},
    ),
    associations: z._default(z.array(association), []),
    /** Command lines to propose to whoever started this world. */
    try: texts,
  }),
);

export type WorldDescription = z.infer<typeof worldSchema>;
