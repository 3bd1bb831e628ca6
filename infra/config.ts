import { dirname, join, resolve } from 'node:path';
import { Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { policySchema, statementSchema } from '../state-machine/catalogue';
import { isWithin, outputLocationSchema } from '../state-machine/output';
import { z } from '../state-machine/schema';
import { apiSettingsSchema } from './apiSettings';
import { AMAZON_DOCUMENT } from './arns';
import { coreSettingsSchema } from './coreSettings';
import { parseOrExplain, readJson } from './explain';
import { literal } from './literal';
import { tagsSchema } from './tags';

export { parseOrExplain, readJson } from './explain';

/** `<deployment>-requestElevation` must fit into the 64 characters of a function's name, with room for names to come. */
export const LONGEST_DEPLOYMENT = 40;

/** A deployment's id without one in the configuration is `<stackName>-<region>`; the longest regions have 14 characters. */
const LONGEST_STACK_NAME = LONGEST_DEPLOYMENT - '-ap-northeast-1'.length;

/** The shipped catalogue. */
const SHIPPED_GRANTS = join(__dirname, 'grants');
/** There are none in it. */
const SHIPPED_SCHEDULES = join(__dirname, 'schedules');

const ROLE_PATTERN = /^(\*|arn:[a-z*-]+:iam::(\d{12}|\*):role\/[\w+=,.@/*?-]+)$/;

const RESERVED = { restore: 20, recover: 5, sweep: 1 };
const concurrency = z.int().check(z.minimum(1), z.maximum(1000));

const POLICY_PATTERN = /^(\*|arn:[a-z*-]+:iam::(\d{12}|aws|\*):policy\/[\w+=,.@/*?-]+)$/;

/** AWS's policies for SSM Agent, the CloudWatch agent and AWS Directory Service: what an instance's role has for its agents. */
const AGENT_POLICIES = [
  'AmazonSSMManagedInstanceCore',
  'AmazonSSMManagedEC2InstanceDefaultPolicy',
  'AmazonSSMPatchAssociation',
  'CloudWatchAgentServerPolicy',
  'AmazonSSMDirectoryServiceAccess',
].map((name) => `arn:*:iam::aws:policy/${name}`);

/** A role or a policy is compared as it is written. */
const ANY_ACCOUNT = 'in an ARN, * stands for any partition and account, as in ';
const roleSchema = literal(
  ROLE_PATTERN,
  "the ARN of a role, with wildcards if need be, or '*'",
  `${ANY_ACCOUNT}arn:*:iam::*:role/app-*`,
);
const policyArnSchema = literal(
  POLICY_PATTERN,
  "the ARN of a managed policy, with wildcards if need be, or '*'",
  `${ANY_ACCOUNT}arn:*:iam::*:policy/app-*`,
);

/** The names of our documents begin with the deployment's id. */
export const IS_RESERVED = 'must not begin with aws, amazon or amzn: such names of documents are reserved for AWS';

const nameSchema = (longest: number) =>
  literal(
    /^[A-Za-z][A-Za-z0-9-]*$/,
    'a letter first, then letters, digits and hyphens: it becomes part of names',
    'write the name itself',
  ).check(
    z.refine((name) => !AMAZON_DOCUMENT.test(name), IS_RESERVED),
    z.refine(
      (name) => Token.isUnresolved(name) || name.length <= longest,
      `at most ${longest} characters: it becomes part of names, of which the longest are full then`,
    ),
  );

/** Statements, or a whole policy: what a ceiling of one's own is written as. */
export const statementsSchema = z.union([z.array(statementSchema), policySchema]);

const fields = z.strictObject({
  /** Part of every IAM path and name. Default: `<stackName>-<region>`. Changing it makes another StepUp. */
  deployment: z.optional(nameSchema(LONGEST_DEPLOYMENT)),
  /** ARN patterns of the roles whose instance profiles StepUp may give back; '*', spelled out, is any role. */
  restorableRoles: z.array(roleSchema).check(z.minLength(1, "name at least one role, or '*'")),
  /** Folder of the grants. Default: the shipped ones. */
  grantsFolder: z._default(z.string().check(z.minLength(1, 'the name of a folder')), SHIPPED_GRANTS),
  /** Folder of the schedules. Default: the shipped one, which is empty. */
  schedulesFolder: z._default(z.string().check(z.minLength(1, 'the name of a folder')), SHIPPED_SCHEDULES),
  /** Where a request may have its full output written: log groups, and prefixes in S3 and whatever lies below them. */
  outputLocations: z._default(z.array(outputLocationSchema), []),
  /** Where the output of a request goes that does not say. Default: nowhere. */
  defaultOutput: z.optional(outputLocationSchema),
  /** What baseline `core` allows besides SSM core. */
  core: z._default(coreSettingsSchema, coreSettingsSchema.parse({})),
  /** Whether an elevation may keep what the original role allows. */
  inherit: z._default(z.boolean(), true),
  /** What an elevation may keep of it at most: statements, a policy, or a JSON file with either. The guards of every ceiling are added. */
  inheritCeiling: z._default(
    z.union(
      [z.string().check(z.minLength(1)), ...statementsSchema.def.options],
      'statements, a policy, or the name of a JSON file with either',
    ),
    [{ Sid: 'AsTheOriginalRole', Effect: 'Allow', Action: '*', Resource: '*' }],
  ),
  /**
   * ARN patterns of the managed policies that baseline `inherit` may attach to a temp role; '*', spelled out, is any. Compared as
   * they are written: `arn:*:` is any partition.
   */
  inheritablePolicies: z._default(z.array(policyArnSchema), AGENT_POLICIES),
  /** Whether calls that do not say which instance they come from are denied, too. */
  sourceInstanceRequired: z._default(z.boolean(), false),
  /** Whether calls must come from the instance's own VPC: only where every API is reached through a VPC endpoint. */
  sourceVpcRequired: z._default(z.boolean(), false),
  /** How long a temp role outlives its run: longer than the 6 h 34 min of the credentials that EC2 hands out. */
  drainMinutes: z._default(z.int().check(z.minimum(400), z.maximum(2880)), 420),
  /**
   * How many of these functions may run at once, kept free for them: new elevations cannot use up what restores need (their
   * rehearsals call Restore, too, for seconds). It is also the most that may run: more restores wait for one another. One
   * sweep is enough: a turn ends within a minute, and one that comes twice waits. AWS wants 100 to be left for all other
   * functions of the account, and new accounts have 10 in all: set it to false there, or have the quota raised.
   */
  reservedConcurrency: z._default(
    z.union(
      [
        z.literal(false),
        z.strictObject({
          restore: z._default(concurrency, RESERVED.restore),
          recover: z._default(concurrency, RESERVED.recover),
          sweep: z._default(concurrency, RESERVED.sweep),
        }),
      ],
      `false, or how many of each, such as ${JSON.stringify(RESERVED)}`,
    ),
    RESERVED,
  ),
  /** How the API is reached, and how often. */
  api: z._default(apiSettingsSchema, apiSettingsSchema.parse({})),
  /** Who is mailed when an alarm rings; SNS asks there for a confirmation first. Default: nobody. */
  alarmEmail: z.optional(z.string().check(z.regex(/^[^\s@]+@[^\s@]+$/, 'an e-mail address'))),
  /** Where your people read docs/runbook.md, such as its URL in your repository: each alarm's text leads to its entry there. */
  runbookUrl: z._default(z.string().check(z.regex(/^[^\s#]{1,500}$/, 'a path or URL without #')), 'docs/runbook.md'),
  /** Of every log group. CloudWatch Logs knows certain numbers of days only. */
  logRetentionDays: z._default(z.enum(RetentionDays), RetentionDays.THREE_MONTHS),
  /** Of everything that StepUp is made of, such as for the allocation of costs. */
  tags: z._default(tagsSchema, {}),
});

const defaultIsPossible = z.refine<z.infer<typeof fields>>(
  ({ defaultOutput, outputLocations }) =>
    !defaultOutput || outputLocations.some((location) => isWithin(defaultOutput, location)),
  { path: ['defaultOutput'], error: 'must be one of outputLocations, or below one' },
);

/** What a deployer decides about one StepUp. */
export const settingsSchema = fields.check(defaultIsPossible);

export type Settings = z.infer<typeof settingsSchema>;
export type SettingsInput = z.input<typeof settingsSchema>;

/** stepup.config.json. */
export const configurationSchema = z
  .extend(fields, {
    stackName: z._default(nameSchema(LONGEST_STACK_NAME), 'StepUp'),
  })
  .check(defaultIsPossible);

export type Configuration = z.infer<typeof configurationSchema>;
export type ConfigurationInput = z.input<typeof configurationSchema>;

/** Reads the configuration; relative paths in it count from the file's own folder. */
export function readConfiguration(file: string): Configuration {
  const configuration = parseOrExplain(file, configurationSchema, readJson(file));
  const path = (relative: string) => resolve(dirname(file), relative);
  const { grantsFolder, schedulesFolder, inheritCeiling } = configuration;
  return {
    ...configuration,
    grantsFolder: path(grantsFolder),
    schedulesFolder: path(schedulesFolder),
    inheritCeiling: typeof inheritCeiling === 'string' ? path(inheritCeiling) : inheritCeiling,
  };
}
