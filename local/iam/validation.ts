import { AwsError, type OperationSchema, type Violation, validationMessage } from '../world';

/** A constraint of IAM's service model: pattern, smallest and largest length (or value). */
type Rule = { pattern?: string; min?: number; max?: number; oneOf?: string[] };
const NAME = '[\\w+=,.@-]+';
const RULES: Record<string, Rule> = {
  RoleName: { pattern: NAME, min: 1, max: 64 },
  UserName: { pattern: NAME, min: 1, max: 64 },
  InstanceProfileName: { pattern: NAME, min: 1, max: 128 },
  PolicyName: { pattern: NAME, min: 1, max: 128 },
  Path: { pattern: '(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)', min: 1, max: 512 },
  PathPrefix: { pattern: '\\u002F[\\u0021-\\u007F]*', min: 1, max: 512 },
  Description: { pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*', max: 1000 },
  PolicyDocument: { pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+', min: 1, max: 131_072 },
  AssumeRolePolicyDocument: { pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+', min: 1, max: 131_072 },
  PolicyArn: { min: 20, max: 2048 },
  PermissionsBoundary: { min: 20, max: 2048 },
  VersionId: { pattern: 'v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?' },
  Marker: { pattern: '[\\u0020-\\u00FF]+', min: 1, max: 320 },
  MaxItems: { min: 1, max: 1000 },
  MaxSessionDuration: { min: 3600, max: 43_200 },
  Tags: { max: 50 },
  TagKeys: { max: 50 },
  AccessKeyId: { pattern: '[\\w]+', min: 16, max: 128 },
  Status: { oneOf: ['Active', 'Inactive'] },
  Scope: { oneOf: ['All', 'AWS', 'Local'] },
  PolicyUsageFilter: { oneOf: ['PermissionsPolicy', 'PermissionsBoundary'] },
  EntityFilter: { oneOf: ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'] },
};
const TAG_RULES: Record<string, Rule> = {
  Key: { pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+', min: 1, max: 128 },
  Value: { pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*', min: 0, max: 256 },
};

function violation({ pattern, min, max, oneOf }: Rule, value: unknown): string | undefined {
  if (oneOf) return oneOf.includes(String(value)) ? undefined : `satisfy enum value set: [${oneOf.join(', ')}]`;
  const size = typeof value === 'number' ? value : (value as string | unknown[]).length;
  const what = typeof value === 'number' ? 'value' : 'length';
  if (min !== undefined && size < min) return `have ${what} greater than or equal to ${min}`;
  if (max !== undefined && size > max) return `have ${what} less than or equal to ${max}`;
  if (!pattern || new RegExp(`^(?:${pattern})$`, 'u').test(String(value))) return undefined;
  return `satisfy regular expression pattern: ${pattern}`;
}

const lowerFirst = (name: string) => `${name[0]!.toLowerCase()}${name.slice(1)}`;

function violations(rules: Record<string, Rule>, fields: object, at: string): Violation[] {
  return Object.entries(fields).flatMap(([field, value]): Violation[] => {
    const broken = value === undefined || !rules[field] ? undefined : violation(rules[field], value);
    return broken ? [[at + lowerFirst(field), value, broken]] : [];
  });
}

const missing = (required: string[], fields: object, at: string) =>
  required
    .filter((name) => (fields as Record<string, unknown>)[name] === undefined)
    .map((name): Violation => [at + lowerFirst(name), undefined, 'not be null']);

/** IAM reports a list whose items break a rule as one value. */
function tagKeyViolations(keys: string[]): Violation[] {
  if (!keys.some((key) => violation(TAG_RULES.Key!, key))) return [];
  const { pattern, min, max } = TAG_RULES.Key!;
  const rules = [`length less than or equal to ${max}`, `length greater than or equal to ${min}`];
  const texts = [...rules.map((rule) => `have ${rule}`), `satisfy regular expression pattern: ${pattern}`];
  const constraint = `satisfy constraint: [${texts.map((text) => `Member must ${text}`).join(', ')}]`;
  return [['tagKeys', `[${keys.join(', ')}]`, constraint]];
}

/** Checks what the model says about an input; a structure's schema counts its required members, which come first. */
export function validate(schema: OperationSchema, input: object): void {
  const [, , , , members = [], , required = 0] = schema[4]();
  const tags: object[] = 'Tags' in input && Array.isArray(input.Tags) ? input.Tags : [];
  const all = [
    ...missing(members.slice(0, required), input, ''),
    ...violations(RULES, input, ''),
    ...tagKeyViolations('TagKeys' in input && Array.isArray(input.TagKeys) ? input.TagKeys : []),
    ...tags.flatMap((tag, i) => {
      const at = `tags.${i + 1}.member.`;
      return [...missing(['Key', 'Value'], tag, at), ...violations(TAG_RULES, tag, at)];
    }),
  ];
  if (all.length > 0) throw new AwsError('ValidationError', validationMessage(all));
}
