import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { isWithin, outputLocationSchema } from '../state-machine/output';
import { z } from '../state-machine/schema';
import { coreSettingsSchema } from './coreSettings';

/** `<deployment>-requestElevation` must fit into the 64 characters of a function's name, with room for names to come. */
export const LONGEST_DEPLOYMENT = 40;

/** A deployment's id without one in the configuration is `<stackName>-<region>`; the longest regions have 14 characters. */
const LONGEST_STACK_NAME = LONGEST_DEPLOYMENT - '-ap-northeast-1'.length;

/** The shipped catalogue. */
const SHIPPED_GRANTS = join(__dirname, 'grants');

const ROLE_PATTERN = /^(\*|arn:[a-z*-]+:iam::(\d{12}|\*):role\/[\w+=,.@/*?-]+)$/;

const fields = z.strictObject({
  /** Part of every IAM path and name. Default: `<stackName>-<region>`. Changing it makes another StepUp. */
  deployment: z.optional(
    z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'letters, digits and -'), z.maxLength(LONGEST_DEPLOYMENT)),
  ),
  /** ARN patterns of the roles whose instance profiles StepUp may give back; '*', spelled out, is any role. */
  restorableRoles: z
    .array(z.string().check(z.regex(ROLE_PATTERN, "the ARN of a role, with wildcards if need be, or '*'")))
    .check(z.minLength(1)),
  /** Folder of the grants. Default: the shipped ones. */
  grantsFolder: z._default(z.string(), SHIPPED_GRANTS),
  /** Where a request may have its full output written: log groups, and prefixes in S3 and whatever lies below them. */
  outputLocations: z._default(z.array(outputLocationSchema), []),
  /** Where the output of a request goes that does not say. Default: nowhere. */
  defaultOutput: z.optional(outputLocationSchema),
  /** What baseline `core` allows besides SSM core. */
  core: z._default(coreSettingsSchema, coreSettingsSchema.parse({})),
  /** Whether an elevation may keep what the original role allows. */
  inherit: z._default(z.boolean(), true),
  /** ARN patterns of the managed policies that baseline `inherit` may attach to a temp role; '*', spelled out, is any. */
  inheritablePolicies: z._default(z.array(z.string()), ['*']),
  /** How long a temp role outlives its run: longer than the 6 h 34 min of the credentials that EC2 hands out. */
  drainMinutes: z._default(z.int().check(z.minimum(400), z.maximum(2880)), 420),
  /** CloudWatch Logs knows certain numbers of days only. */
  logRetentionDays: z._default(z.enum(RetentionDays), RetentionDays.THREE_MONTHS),
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
    stackName: z._default(
      z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'letters, digits and -'), z.maxLength(LONGEST_STACK_NAME)),
      'StepUp',
    ),
  })
  .check(defaultIsPossible);

export type Configuration = z.infer<typeof configurationSchema>;
export type ConfigurationInput = z.input<typeof configurationSchema>;

/** Reads the configuration; a relative grantsFolder counts from the file's own folder. */
export function readConfiguration(file: string): Configuration {
  const configuration = parseOrExplain(file, configurationSchema, readJson(file));
  return { ...configuration, grantsFolder: resolve(dirname(file), configuration.grantsFolder) };
}

/** @throws Error that names `what` and every wrong field */
export function parseOrExplain<T extends z.ZodMiniType>(what: string, schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (!result.success) throw new Error(`${what} is not valid.\n${z.prettifyError(result.error)}`);
  return result.data;
}

/** @throws Error that names the file */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
