import { createAgenda } from '../clock/agenda';
import { AwsError, type FunctionDefinition, type InvokeResult, type Principal, type World } from '../world';

/** Lambda's own repetition of asynchronous invocations whose function failed. */
const RETRIES_AFTER = [60_000, 120_000];
/** While the function is throttled, or Lambda itself fails: from 1 s, doubled up to 5 min, for 6 h. */
const LONGEST_BACKOFF = 300_000;
const OLDEST_EVENT = 6 * 3_600_000;
/** Of the ErrorMessage of a dead letter, in characters. */
const LONGEST_MESSAGE = 1024;

interface Invocation {
  fn: FunctionDefinition;
  /** @throws AwsError when the function did not run */
  run: () => Promise<InvokeResult>;
  payload: unknown;
  /** As which the function itself acts. @throws AwsError when Lambda cannot assume its role */
  principal: () => Principal;
}

/** Lambda's queue of events that nobody waits for. */
export function createQueue(world: World) {
  const { later, close } = createAgenda(world.clock);

  /** Lambda sends it as the function's role; what that may not send is lost, and counted as DeadLetterErrors. */
  const bury = ({ fn, payload, principal }: Invocation, status: number, message: string) => {
    if (!fn.deadLetters) return;
    const attributes = {
      RequestID: world.ids.uuid(),
      ErrorCode: String(status),
      ErrorMessage: message.slice(0, LONGEST_MESSAGE),
    };
    try {
      world.sqs.send(fn.deadLetters, { body: JSON.stringify(payload), attributes }, principal());
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
  };

  const attempt = async (invocation: Invocation, failures = 0, backoff = 1_000, age = 0): Promise<void> => {
    try {
      const result = await invocation.run();
      if (!('functionError' in result)) return;
      const delay = RETRIES_AFTER[failures];
      if (delay === undefined) return bury(invocation, 200, result.functionError.errorMessage);
      later(delay, () => void attempt(invocation, failures + 1));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const passes = error.status === 429 || error.status >= 500;
      if (!passes || age + backoff > OLDEST_EVENT) return bury(invocation, error.status, error.message);
      const next = Math.min(backoff * 2, LONGEST_BACKOFF);
      later(backoff, () => void attempt(invocation, failures, next, age + backoff));
    }
  };

  return {
    /** Begins at once; nobody waits. */
    take: (invocation: Invocation): void => void attempt(invocation),
    close,
  };
}
