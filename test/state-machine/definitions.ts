import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Retry {
  ErrorEquals: string[];
  IntervalSeconds: number;
  MaxAttempts: number;
  BackoffRate: number;
  MaxDelaySeconds?: number;
  JitterStrategy: string;
}

export interface Catch {
  ErrorEquals: string[];
  ResultPath?: string | null;
  Next: string;
}

export interface Comparison {
  Variable: string;
  BooleanEquals?: boolean;
  StringEquals?: string;
  IsPresent?: boolean;
}

/** One comparison, or several that must all hold. */
export type Rule = { Next: string } & (Comparison | { And: Comparison[] });

export const comparisonsOf = (rule: Rule): Comparison[] => ('And' in rule ? rule.And : [rule]);

/** A state, as far as our definitions go: no other type and no other field is in them. */
export interface State {
  Type: 'Task' | 'Pass' | 'Choice' | 'Wait' | 'Succeed' | 'Fail';
  Comment: string;
  Resource?: string;
  TimeoutSeconds?: number;
  TimeoutSecondsPath?: string;
  Parameters?: Record<string, unknown>;
  Result?: Record<string, unknown>;
  ResultPath?: string;
  Retry?: Retry[];
  Catch?: Catch[];
  Choices?: Rule[];
  Default?: string;
  SecondsPath?: string;
  ErrorPath?: string;
  CausePath?: string;
  Next?: string;
}

export interface Machine {
  Comment: string;
  StartAt: string;
  TimeoutSeconds: number;
  States: Record<string, State>;
}

export type MachineName = 'elevation' | 'recovery';
export const MACHINES: MachineName[] = ['elevation', 'recovery'];

/** A Task that waits for whoever has its token. */
export const waitsForToken = ({ Resource }: State): boolean => Resource?.endsWith('.waitForTaskToken') ?? false;

/** A fresh copy each time: tests break it to see that it is noticed. */
export const readMachine = (name: MachineName): Machine =>
  JSON.parse(readFileSync(join(__dirname, '..', '..', 'state-machine', `${name}.asl.json`), 'utf8'));

/** `name` is one that the test knows to be there. */
export const stateOf = ({ States }: Machine, name: string): State => {
  const state = States[name];
  if (!state) throw new Error(`There is no state ${name}`);
  return state;
};

export const ofType = ({ States }: Machine, type: State['Type']): [string, State][] =>
  Object.entries(States).filter(([, { Type }]) => Type === type);

/** Where a state may go: on success and on every error. */
export const targets = ({ Next, Default, Choices = [], Catch = [] }: State): string[] =>
  [Next, Default, ...Choices.map((rule) => rule.Next), ...Catch.map((catcher) => catcher.Next)].filter(
    (name) => name !== undefined,
  );

/** All states on all ways from `start`, itself included; no way leads on from one that is in `stops`. */
export function reachable(machine: Machine, start: string, stops: string[] = []): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    if (!stops.includes(name)) targets(stateOf(machine, name)).forEach(visit);
  };
  visit(start);
  return found;
}
