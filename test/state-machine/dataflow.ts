import { toJSONSchema } from 'zod/v4/core';
import { documentSchema } from '../../state-machine/document';
import {
  type Comparison,
  comparisonsOf,
  type Machine,
  type Rule,
  type State,
  stateOf,
  waitsForToken,
} from './definitions';

/** JSON Schema, as far as the document's schemas come out in it. */
interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** What a key of the document certainly is, when a state is entered: one of these. */
type Known = Schema[];
/** The keys that are certainly there. */
type Environment = Map<string, Known>;
type Step = { to: string; known: Environment };

const SCHEMAS = (toJSONSchema(documentSchema) as Schema).properties ?? {};
const variants = (schema: Schema): Known => schema.oneOf ?? schema.anyOf ?? [schema];

/** What Step Functions gives to every Catch. */
const CAUGHT: Schema = {
  type: 'object',
  properties: { Error: { type: 'string' }, Cause: { type: 'string' } },
  required: ['Error', 'Cause'],
};

/** Of a Pass: its literal members are what they are; the ones read by path are checked where they are read. */
const literal = (members: Record<string, unknown>): Schema => {
  const names = Object.keys(members).map((name) => name.replace(/\.\$$/, ''));
  const properties = Object.fromEntries(names.map((name): [string, Schema] => [name, { type: 'string' }]));
  return { type: 'object', properties, required: names };
};

/** In the context object of a Task that waits for it, and of no other. */
const TOKEN = '$$.Task.Token';

const KEY = /^\$\.(\w+)$/;

function withResult(known: Environment, path: string | null | undefined, result: Known): Environment {
  if (path === null) return known;
  const [, key] = KEY.exec(path ?? '$') ?? [];
  if (!key) throw new Error(`A result at ${path} would put the whole document away`);
  return new Map([...known, [key, result]]);
}

/** @returns why reading `path` may miss, or find another type; '' when it cannot */
function missing(known: Environment, path: string, type?: string): string {
  if (path === '$' || path === '$$.Execution' || path === '$$.State') return '';
  const [, key = '', member, ...deeper] = /^\$\.(\w+)(?:\.(\w+))?$/.exec(path) ?? [];
  const found = known.get(key);
  if (!found || deeper.length > 0) return `${path} may be missing`;
  const wrong = found.filter((variant) => {
    if (member === undefined) return false;
    const value = variant.properties?.[member];
    return !variant.required?.includes(member) || (type !== undefined && value?.type !== type);
  });
  return wrong.length === 0 ? '' : `${path} may be missing, or is no ${type ?? 'value'}`;
}

/** Paths in a payload template, however deep. */
function pathsIn(template: unknown): string[] {
  if (typeof template !== 'object' || template === null) return [];
  return Object.entries(template).flatMap(([name, value]) => (name.endsWith('.$') ? [String(value)] : pathsIn(value)));
}

/** Can a comparison match a variant? `undefined`: that depends. */
function matches({ Variable, BooleanEquals, StringEquals }: Comparison, variant: Schema): boolean | undefined {
  const member = Variable.split('.')[2] ?? '';
  const value = variant.properties?.[member]?.const;
  return value === undefined ? undefined : value === (BooleanEquals ?? StringEquals);
}

/** What is known when a rule has matched, or has not: then any of several comparisons may have failed. */
function narrowed(known: Environment, rule: Rule, to: boolean): Environment {
  if (!to && comparisonsOf(rule).length > 1) return known;
  const after = new Map(known);
  for (const comparison of comparisonsOf(rule)) {
    if (comparison.IsPresent !== undefined) continue;
    const key = comparison.Variable.split('.')[1] ?? '';
    const left = (after.get(key) ?? []).filter((variant) => matches(comparison, variant) !== !to);
    after.set(key, left);
  }
  return after;
}

/** What a state reads that may not be there, and what is known where it goes on to. */
function pass(name: string, state: State, before: Environment): { problems: string[]; steps: Step[] } {
  const problems: string[] = [];
  const read = (known: Environment, path: string, type?: string) => {
    const problem = missing(known, path, type);
    if (problem) problems.push(`${name}: ${problem}`);
  };
  for (const path of pathsIn(state.Parameters)) if (path !== TOKEN || !waitsForToken(state)) read(before, path);
  if (state.TimeoutSecondsPath) read(before, state.TimeoutSecondsPath, 'integer');
  if (state.SecondsPath) read(before, state.SecondsPath, 'integer');
  for (const path of [state.ErrorPath, state.CausePath]) if (path) read(before, path, 'string');

  const steps: Step[] = [];
  let rest = before;
  for (const rule of state.Choices ?? []) {
    for (const { Variable, BooleanEquals, IsPresent } of comparisonsOf(rule)) {
      if (IsPresent === undefined) read(rest, Variable, BooleanEquals === undefined ? 'string' : 'boolean');
    }
    steps.push({ to: rule.Next, known: narrowed(rest, rule, true) });
    rest = narrowed(rest, rule, false);
  }
  if (state.Default) steps.push({ to: state.Default, known: rest });
  for (const { Next, ResultPath } of state.Catch ?? []) {
    steps.push({ to: Next, known: withResult(before, ResultPath, [CAUGHT]) });
  }
  if (state.Next) steps.push({ to: state.Next, known: after(state, before) });
  return { problems, steps };
}

function after({ Type, Parameters, Result, ResultPath }: State, before: Environment): Environment {
  if (Type === 'Wait') return before;
  if (Type === 'Pass' && ResultPath === undefined) {
    // Without a ResultPath the output of a Pass is all that there is.
    return new Map(Object.keys(Parameters ?? {}).map((key) => [key.replace(/\.\$$/, ''), [{}]]));
  }
  if (Type === 'Pass') return withResult(before, ResultPath, [literal(Result ?? Parameters ?? {})]);
  return withResult(before, ResultPath, variants(SCHEMAS[ResultPath?.slice(2) ?? ''] ?? {}));
}

/** Where ways meet, only what is there on both is certain, and it may be what it is on either. */
function meet(one: Environment | undefined, other: Environment): Environment {
  if (!one) return other;
  const keys = [...one.keys()].filter((key) => other.has(key));
  return new Map(keys.map((key) => [key, [...new Set([...(one.get(key) ?? []), ...(other.get(key) ?? [])])]]));
}

const size = (known: Environment | undefined): string =>
  [...(known ?? [])].map(([key, schemas]) => `${key}:${schemas.length}`).join();

/**
 * Follows every way through a machine until nothing new is learned: the result of a Task is what its schema requires, of a
 * Catch `Error` and `Cause`, of a Pass what stands in it.
 * @returns every path that may miss, which would be States.Runtime: nothing in the machine could catch it
 */
export function pathsThatMayMiss(machine: Machine): string[] {
  const known = new Map<string, Environment>([[machine.StartAt, new Map()]]);
  const queue = [machine.StartAt];
  const problems = new Map<string, string[]>();
  for (let name = queue.shift(); name; name = queue.shift()) {
    const result = pass(name, stateOf(machine, name), known.get(name) ?? new Map());
    problems.set(name, result.problems);
    for (const { to, known: brought } of result.steps) {
      const met = meet(known.get(to), brought);
      if (known.has(to) && size(met) === size(known.get(to))) continue;
      known.set(to, met);
      queue.push(to);
    }
  }
  return [...problems.values()].flat();
}
