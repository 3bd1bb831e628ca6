import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InvokeResult } from '../../local/world';

/** Answers an invocation of a function, by its ARN. */
export type Invoke = (functionArn: string, event: unknown) => Promise<InvokeResult>;

export type Machine = 'elevation' | 'recovery';

export interface Run {
  machine: Machine;
  deployment: string;
  /** A function's ARN names it. */
  account: string;
  input: object;
  invoke: Invoke;
  /** What is sent to a task that waits for its token; undefined: nothing, until its time is up. */
  answer?: object | undefined;
}

/** Has `tell` hear the token of each invocation that brings one, once the function has answered. */
export const telling =
  (invoke: Invoke, tell: (token: string) => void): Invoke =>
  async (arn, event) => {
    const result = await invoke(arn, event);
    const { token } = event as { token?: string };
    if (token && !('functionError' in result)) tell(token);
    return result;
  };

/** How an execution ended, and the names of the states that it entered. */
export interface Ended {
  status: string;
  error?: string;
  cause?: string;
  output?: unknown;
  states: string[];
}

/** Something that interprets the States Language, and is not ours. */
export interface Engine {
  run(run: Run): Promise<Ended>;
}

/** The definition as it is in the repository. */
export const sourceOf = (machine: Machine): string =>
  readFileSync(join(__dirname, `../../state-machine/${machine}.asl.json`), 'utf8');

/** The same with the functions' ARNs put in. */
export const definitionOf = ({ machine, deployment, account }: Run): string =>
  sourceOf(machine)
    .replaceAll('${partition}', 'aws')
    .replace(/\$\{(\w+)\}/g, `arn:aws:lambda:us-east-1:${account}:function:${deployment}-$1:1`);
