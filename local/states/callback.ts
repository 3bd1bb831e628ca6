import type { CallbackState } from './asl';
import { ELAPSED, type Execution, WHOLE } from './execution';
import { checkSize, RuntimeFailure, StateFailure } from './failures';
import { find, type Scope } from './paths';
import type { Functions } from './task';
import type { Callback } from './tokens';

/** How history names the integration. */
const KIND = { resourceType: 'lambda', resource: 'invoke.waitForTaskToken' };

type Parameters = CallbackState['Parameters'];

/**
 * One attempt of a `lambda:invoke.waitForTaskToken`: invokes the function, then waits for whoever has the token. The
 * state's timeout is for both together. Events: aws-facts-2 18.2.
 * @returns the result that was sent
 * @throws StateFailure the function's error, or States.Timeout
 */
export async function attemptCallback(
  state: CallbackState,
  { FunctionName, Payload }: Parameters,
  scope: Scope,
  callback: Callback,
  execution: Execution,
  functions: Functions,
): Promise<unknown> {
  execution.onEnd(callback.end);
  const timeoutInSeconds = timeoutOf(state, scope);
  const parameters = JSON.stringify({ FunctionName, Payload });
  checkSize(parameters, state.Resource);
  const [, , , region] = execution.arn.split(':');
  const scheduled = execution.record('TaskScheduled', { ...KIND, region, parameters, timeoutInSeconds });
  const timeLeft = (now: Date) =>
    timeoutInSeconds === undefined
      ? undefined
      : timeoutInSeconds * 1000 - (now.getTime() - scheduled.timestamp.getTime());
  try {
    const session = assume(execution, functions);
    execution.record('TaskStarted', KIND);
    const invoked = await inTime(
      execution,
      timeLeft(scheduled.timestamp),
      functions.invoke(session, FunctionName, Payload),
    );
    const output = JSON.stringify(answerOf(FunctionName, invoked));
    // Unconfirmed: a result that is sent while the function still runs is kept until it has answered.
    const { timestamp } = execution.record('TaskSubmitted', { ...KIND, output, outputDetails: WHOLE });
    const result = await inTime(execution, timeLeft(timestamp), callback.result);
    execution.record('TaskSucceeded', { ...KIND, output: JSON.stringify(result), outputDetails: WHOLE });
    return result;
  } catch (failure) {
    if (failure instanceof StateFailure && execution.events.at(-1)?.type !== 'TaskStartFailed') {
      const type = failure.error === 'States.Timeout' ? 'TaskTimedOut' : 'TaskFailed';
      execution.record(type, { ...KIND, error: failure.error, cause: failure.cause });
    }
    throw failure;
  } finally {
    callback.end();
  }
}

/** Unconfirmed: the event, which stands for LambdaFunctionScheduleFailed. */
function assume(execution: Execution, functions: Functions): unknown {
  try {
    return functions.assumeRole(execution);
  } catch (failure) {
    if (failure instanceof StateFailure) {
      execution.record('TaskStartFailed', { ...KIND, error: failure.error, cause: failure.cause });
    }
    throw failure;
  }
}

async function inTime<T>(execution: Execution, ms: number | undefined, work: Promise<T>): Promise<T> {
  const result = await execution.wait(ms, work);
  if (result === ELAPSED) throw new StateFailure('States.Timeout');
  return result;
}

/** What Invoke answered, as the integration has it; AWS adds the answer's HTTP headers and request id (aws-facts-2 12.1). */
const answerOf = (functionArn: string, payload: unknown) => ({
  ExecutedVersion: functionArn.split(':')[7] ?? '$LATEST',
  Payload: payload,
  StatusCode: 200,
});

function timeoutOf({ TimeoutSeconds, TimeoutSecondsPath: path }: CallbackState, scope: Scope): number | undefined {
  if (path === undefined) return TimeoutSeconds;
  const found = find(path, scope);
  // The language wants a positive integer. Unconfirmed: the literal causes, worded as those of a Wait's SecondsPath.
  if (!found) throw new RuntimeFailure(`The TimeoutSecondsPath parameter does not reference an input value: ${path}`);
  if (Number.isInteger(found.value) && Number(found.value) > 0) return Number(found.value);
  throw new RuntimeFailure(
    `The TimeoutSecondsPath parameter does not reference a positive integer: ${path} == ${JSON.stringify(found.value)}`,
  );
}
