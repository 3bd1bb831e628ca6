import type { InvokeResult } from '../../local/world';
import type { TaskEvent } from '../../state-machine/document';
import type { Invoke } from '../support/engine';
import { folderOf } from '../support/inProcess';

/** What a function answers: an object is its result, an Error its failure. */
type Answer = object | Error | ((event: TaskEvent) => object);

/** Answers by the name of the state, in the order of its attempts; after them the usual one. */
export type Answers = Record<string, Answer[]>;

/** An invocation, as far as it is the same whichever engine makes it. */
export interface Invocation {
  fn: string;
  state: string;
  retryCount: number | undefined;
  purpose: string | undefined;
  document: unknown;
}

export function failure(name: string): Error {
  return Object.assign(new Error(`${name} by the test`), { name });
}

/** As short as a hold can be: real seconds in moto. */
export const provenForASecond = { ...{ done: true }, workSeconds: 1 };
/** Real seconds in the other engines. */
export const notYet = { done: false, waitSeconds: 0 };
const done = { done: true };
const restored = { ...done, waitSeconds: 0, error: '', cause: '' };

/** As functions/restore says it: the first error is the elevation's. */
function outcome({ document: { error, script } }: TaskEvent): object {
  const failed = (name: string, cause: string) => ({ ...restored, result: 'ElevationFailed', error: name, cause });
  if (error) return failed(error.Error, error.Cause);
  if (script?.done && script.status !== 'Success') return failed(script.status, 'exit code 7');
  return { ...restored, result: 'Succeeded' };
}

export const restoreFailed = { ...restored, result: 'RestoreFailed', error: 'OriginalGone', cause: 'It was deleted.' };
export const pending = { ...restored, ...notYet, result: 'Pending' };

const USUAL: Record<string, Answer> = {
  CaptureProfile: { ...done, original: null },
  RehearseUndo: { restored: 'given-back' },
  CreateTempRole: { retried: false, roleName: 'stepup-0123' },
  SwapProfile: { ...done, retried: false },
  WaitAssociated: done,
  ProveIdentity: { ...done, workSeconds: 60 },
  Hold: { until: 'a moment' },
  SendScript: { commandId: 'c', retried: false },
  AwaitScript: { ...done, status: 'Success', exitCode: 0 },
  Restore: outcome,
};

/** Functions that answer as told, and what they were asked. */
export function cannedFunctions(answers: Answers): { invoke: Invoke; invocations: Invocation[] } {
  const attempts = new Map<string, number>();
  const invocations: Invocation[] = [];
  const invoke: Invoke = async (arn, received) => {
    const event = received as TaskEvent;
    const { Name, RetryCount } = event.state;
    const attempt = attempts.get(Name) ?? 0;
    attempts.set(Name, attempt + 1);
    const fn = folderOf(arn.replace(/:\d+$/, ''));
    invocations.push({ fn, state: Name, retryCount: RetryCount, purpose: event.purpose, document: event.document });
    return resultOf(answers[Name]?.[attempt] ?? (USUAL[Name] as Answer), event);
  };
  return { invoke, invocations };
}

function resultOf(answer: Answer, event: TaskEvent): InvokeResult {
  if (answer instanceof Error) return { functionError: { errorType: answer.name, errorMessage: answer.message } };
  return { payload: typeof answer === 'function' ? answer(event) : answer };
}
