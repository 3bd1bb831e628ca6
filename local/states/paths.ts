import { RuntimeFailure, StateFailure } from './failures';

/** What paths are read from: `$` and `$$`. */
export interface Scope {
  input: unknown;
  context: unknown;
}

const REFERENCE_PATH = /^\$\$?(?:\.[A-Za-z_][\w-]*|\['[^']+'\])*$/;
const STEP = /\.([\w-]+)|\['([^']+)'\]/g;

export const isReferencePath = (path: unknown): path is string => typeof path === 'string' && REFERENCE_PATH.test(path);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const stepsOf = (path: string) => Array.from(path.matchAll(STEP), ([, dotted, quoted]) => dotted ?? quoted ?? '');

/** The value that a path leads to; undefined when it leads nowhere. */
export function find(path: string, scope: Scope): { value: unknown } | undefined {
  let value = path.startsWith('$$') ? scope.context : scope.input;
  for (const step of stepsOf(path)) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return { value };
}

/** @throws RuntimeFailure when the path leads nowhere; `field` is the field that holds the path */
export function read(path: string, field: string, scope: Scope): unknown {
  const found = find(path, scope);
  if (found) return found.value;
  const input = JSON.stringify(scope.input);
  throw new RuntimeFailure(
    `The JSONPath '${path}' specified for the field '${field}' could not be found in the input '${input}'`,
  );
}

/** A payload template with every `key.$` replaced by what its path leads to. */
export function fill(template: unknown, scope: Scope): unknown {
  if (Array.isArray(template)) return template.map((item) => fill(item, scope));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith('.$') ? [key.slice(0, -2), read(String(value), key, scope)] : [key, fill(value, scope)],
    ),
  );
}

/** ResultPath: `input` with `result` at `path`; null drops the result, undefined is `$`. */
export function place(input: unknown, path: string | null | undefined, result: unknown): unknown {
  if (path === null) return input;
  return put(input, stepsOf(path ?? '$'), result);
}

function put(target: unknown, [step, ...rest]: string[], result: unknown): unknown {
  if (step === undefined) return result;
  if (!isObject(target)) {
    // Unconfirmed: the literal cause.
    const cause = `Unable to apply step "${step}" to input ${JSON.stringify(target)}`;
    throw new StateFailure('States.ResultPathMatchFailure', cause);
  }
  const inner = Object.hasOwn(target, step) ? target[step] : {};
  return { ...target, [step]: put(inner, rest, result) };
}
