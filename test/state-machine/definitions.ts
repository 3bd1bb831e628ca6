import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A state, as far as the tests look at it. */
export interface State {
  Type: string;
  Comment?: string;
  Next?: string;
  Default?: string;
  Resource?: string;
  TimeoutSeconds?: number;
  Parameters?: Record<string, unknown>;
  ResultPath?: string | null;
  SecondsPath?: string;
  ErrorPath?: string;
  CausePath?: string;
  Result?: unknown;
  Choices?: { Variable: string; Next: string }[];
  Retry?: Retrier[];
  Catch?: { ErrorEquals: string[]; ResultPath?: string | null; Next: string }[];
}

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds: number;
  MaxAttempts: number;
  BackoffRate: number;
  MaxDelaySeconds?: number;
}

export interface Definition {
  StartAt: string;
  TimeoutSeconds: number;
  States: Record<string, State>;
}

/** The definition with a Lambda ARN in the place of each `${function}`. */
export function read(name: 'elevation' | 'recovery'): Definition {
  const text = readFileSync(join(__dirname, '..', '..', 'state-machine', `${name}.asl.json`), 'utf8');
  return JSON.parse(text.replace(/\$\{(\w+)\}/g, 'arn:aws:lambda:us-east-1:123456789012:function:$1:1'));
}

export const states = (definition: Definition): [string, State][] => Object.entries(definition.States);

/** Where a state may lead, by the way that leads there. */
export function ways({ Next, Default, Choices = [], Catch = [] }: State): string[] {
  const onwards = [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((caught) => caught.Next)];
  return onwards.filter((name) => name !== undefined);
}

/** Every state that can be reached from one, itself included, without passing through those of `except`. */
export function reachable(definition: Definition, from: string, except: string[] = []): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name) || except.includes(name)) return;
    found.add(name);
    for (const next of ways(definition.States[name] as State)) visit(next);
  };
  visit(from);
  return found;
}
