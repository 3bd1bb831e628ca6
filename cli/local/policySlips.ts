import { z } from '../../state-machine/schema';
import { fields } from './fields';

const anything = z.optional(z.unknown());
const document = fields({ Version: anything, Id: anything, Statement: anything });
const statement = fields({
  Sid: anything,
  Effect: z.enum(['Allow', 'Deny']),
  Principal: anything,
  NotPrincipal: anything,
  Action: anything,
  NotAction: anything,
  Resource: anything,
  NotResource: anything,
  Condition: anything,
});

/**
 * Misspelt fields and effects, for which IAM has but 'Syntax errors in policy.'. The rest is left to it.
 * @param expected what to give instead of an object that is no policy document
 */
export function slipsInPolicy(source: unknown[] | Record<string, unknown>, expected: string) {
  if (Array.isArray(source)) return source.flatMap((one, i) => slips(statement, one, i));
  if (!('Statement' in source)) return [{ code: 'custom' as const, message: expected, input: source }];
  const { Statement } = source;
  const all = Array.isArray(Statement)
    ? Statement.flatMap((one, i) => slips(statement, one, 'Statement', i))
    : slips(statement, Statement, 'Statement');
  return [...slips(document, source), ...all];
}

function slips(schema: typeof document | typeof statement, value: unknown, ...at: PropertyKey[]) {
  const { error } = schema.safeParse(value, { reportInput: true });
  const issues = error?.issues ?? [];
  return issues.map((issue) => ({ ...issue, path: [...at, ...issue.path] }) as z.core.$ZodRawIssue);
}
