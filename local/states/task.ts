import type { TaskState } from './asl';
import { ELAPSED, type Execution, WHOLE } from './execution';
import { checkSize, matches, StateFailure } from './failures';
import { fill, place, type Scope } from './paths';
import { retries } from './retry';

/** How Tasks reach their functions. Both throw StateFailure. */
export interface Functions<Session = unknown> {
  /** Assumes the machine's role. */
  assumeRole(execution: Execution): Session;
  /** The function's result. */
  invoke(session: Session, arn: string, payload: unknown): Promise<unknown>;
}

/** One visit to a Task state, with its retries. `scopeOf` gives the context of an attempt. */
export async function runTask(
  state: TaskState,
  execution: Execution,
  functions: Functions,
  random: () => number,
  scopeOf: (retryCount: number) => Scope,
): Promise<{ output: unknown; next: string | undefined }> {
  const delayAfter = retries(state.Retry, random);
  for (let retryCount = 0; ; retryCount++) {
    const scope = scopeOf(retryCount);
    const payload = state.Parameters === undefined ? scope.input : fill(state.Parameters, scope);
    try {
      const result = await attempt(state, payload, execution, functions);
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

async function attempt(state: TaskState, payload: unknown, execution: Execution, functions: Functions) {
  const { Resource: resource, TimeoutSeconds: timeoutInSeconds } = state;
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
