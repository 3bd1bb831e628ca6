import { type CallbackState, type TaskState, waitsForToken } from './asl';
import { attemptCallback } from './callback';
import { ELAPSED, type Execution, WHOLE } from './execution';
import { checkSize, matches, StateFailure } from './failures';
import { fill, place, type Scope } from './paths';
import { retries } from './retry';
import type { Tokens } from './tokens';

/** How Tasks reach their functions. Both throw StateFailure. */
export interface Functions<Session = unknown> {
  /** Assumes the machine's role. */
  assumeRole(execution: Execution): Session;
  /** The function's result. */
  invoke(session: Session, arn: string, payload: unknown): Promise<unknown>;
}

/** What Tasks need of the world. */
export interface TaskSurroundings {
  functions: Functions;
  tokens: Tokens;
  random: () => number;
}

/** One visit to a Task state, with its retries. `scopeOf` gives the context of an attempt. */
export async function runTask(
  state: TaskState | CallbackState,
  execution: Execution,
  surroundings: TaskSurroundings,
  scopeOf: (retryCount: number) => Scope,
): Promise<{ output: unknown; next: string | undefined }> {
  const delayAfter = retries(state.Retry, surroundings.random);
  for (let retryCount = 0; ; retryCount++) {
    const scope = scopeOf(retryCount);
    try {
      const result = waitsForToken(state)
        ? await callback(state, scope, execution, surroundings)
        : await attempt(state, scope, execution, surroundings.functions);
      return { output: place(scope.input, state.ResultPath, result), next: state.Next };
    } catch (failure) {
      if (!(failure instanceof StateFailure)) throw failure;
      const delay = delayAfter(failure.error);
      if (delay !== undefined) {
        await execution.wait(delay);
        continue;
      }
      const catcher = state.Catch?.find(({ ErrorEquals }) => matches(ErrorEquals, failure.error));
      if (!catcher) throw failure;
      const caught = { Error: failure.error, Cause: failure.cause ?? '' };
      return { output: place(scope.input, catcher.ResultPath, caught), next: catcher.Next };
    }
  }
}

/** Each attempt has a token of its own, in the context object of such a state alone. */
function callback(state: CallbackState, scope: Scope, execution: Execution, { functions, tokens }: TaskSurroundings) {
  const issued = tokens.issue();
  const withToken = { ...scope, context: { ...(scope.context as object), Task: { Token: issued.token } } };
  const parameters = fill(state.Parameters, withToken) as CallbackState['Parameters'];
  return attemptCallback(state, parameters, scope, issued, execution, functions);
}

async function attempt(state: TaskState, scope: Scope, execution: Execution, functions: Functions) {
  const { Resource: resource, TimeoutSeconds: timeoutInSeconds } = state;
  const payload = state.Parameters === undefined ? scope.input : fill(state.Parameters, scope);
  const input = JSON.stringify(payload);
  checkSize(input, resource);
  execution.record('LambdaFunctionScheduled', { resource, input, inputDetails: WHOLE, timeoutInSeconds });
  const session = schedule(execution, functions);
  execution.record('LambdaFunctionStarted');
  const milliseconds = timeoutInSeconds === undefined ? undefined : timeoutInSeconds * 1000;
  try {
    const result = await execution.wait(milliseconds, functions.invoke(session, resource, payload));
    if (result === ELAPSED) throw new StateFailure('States.Timeout');
    const output = JSON.stringify(result);
    checkSize(output, resource);
    execution.record('LambdaFunctionSucceeded', { output, outputDetails: WHOLE });
    return result;
  } catch (failure) {
    if (failure instanceof StateFailure) recordFailure(execution, failure);
    throw failure;
  }
}

function schedule(execution: Execution, functions: Functions) {
  try {
    return functions.assumeRole(execution);
  } catch (failure) {
    if (failure instanceof StateFailure) {
      execution.record('LambdaFunctionScheduleFailed', { error: failure.error, cause: failure.cause });
    }
    throw failure;
  }
}

function recordFailure(execution: Execution, { error, cause }: StateFailure): void {
  const type = error === 'States.Timeout' ? 'LambdaFunctionTimedOut' : 'LambdaFunctionFailed';
  execution.record(type, { error, cause });
}
