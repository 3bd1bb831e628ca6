import { existsSync, readFileSync, statSync } from 'node:fs';
import { nearest } from '../state-machine/nearest';
import { z } from '../state-machine/schema';

type Issue = z.core.$ZodIssue;

/** @throws Error that names `what` and every wrong field, and says what to do */
export function parseOrExplain<T extends z.ZodMiniType>(what: string, schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues
    .flatMap(ofMeantOption)
    .map((issue) => ({ ...issue, message: inWords(issue, schema) }));
  throw new Error(`${what} is not valid.\n${z.prettifyError({ issues } as z.core.$ZodError)}`);
}

/** Of one of several forms: what is wrong inside the one that is meant, if the value has the shape of one only. */
function ofMeantOption(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const [meant, ...others] = issue.errors.filter((option) => !option.some(isOtherShape));
  if (!meant || others.length > 0) return [issue];
  return meant.flatMap((inner) => ofMeantOption({ ...inner, path: [...issue.path, ...inner.path] }));
}

const isOtherShape = ({ code, path }: Issue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');

function inWords(issue: Issue, schema: z.core.$ZodType): string {
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, issue.path);
    return issue.keys.map((key) => unknown(key, known)).join(' ');
  }
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input') return oneOfForms(issue);
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join(' ');
  const isMissing = issue.code === 'invalid_type' && /received undefined$/.test(issue.message);
  return isMissing && issue.path.length > 0 ? `'${issue.path.join('.')}' is required.` : issue.message;
}

const oneOfForms = ({ errors }: z.core.$ZodIssueInvalidUnion): string =>
  [...new Set(errors.flat().map(({ message }) => message.replace(/^Invalid input: /, '')))].join('; or ');

function unknown(key: string, known: string[]): string {
  const near = nearest(key, known);
  return `There is no '${key}' here${near ? `; did you mean '${near}'?` : `. There is: ${known.join(', ')}.`}`;
}

/** The names that an object may have at this place. */
function fieldsAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const { def } = schema._zod as { def: Definition };
  const inner = def.innerType ?? def.in;
  if (inner) return fieldsAt(inner, path);
  if (def.options) return [...new Set(def.options.flatMap((option) => fieldsAt(option, path)))];
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(def.shape ?? {});
  const next = def.shape?.[String(first)] ?? def.element ?? def.valueType;
  return next ? fieldsAt(next, rest) : [];
}

/** Of the kinds of schemas that we use, where one holds others. */
interface Definition {
  innerType?: z.core.$ZodType;
  in?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
  valueType?: z.core.$ZodType;
}

/** @throws Error that names the file, and says what is wrong with it */
export function readJson(file: string): unknown {
  if (!existsSync(file)) throw new Error(`${file} does not exist.`);
  if (!statSync(file).isFile()) throw new Error(`${file} is no file.`);
  // Editors on Windows begin a file with a byte order mark.
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') throw new Error(`${file} is empty: {} is the least.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
