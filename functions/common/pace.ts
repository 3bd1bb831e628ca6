import type { FinalizeRequestMiddleware, MiddlewareStack } from '@smithy/types';
import { isThrottled } from './awsErrors';
import type { Clock } from './clock';

/** When the next request may be sent. */
export interface Pace {
  /** Resolves when it is the caller's turn. */
  turn(): Promise<void>;
  /** AWS said 'slow down': nobody has a turn for a moment. */
  rest(): void;
}

/** Long enough for a bucket of tokens that is refilled every second to have some again. */
const REST_MS = 500;

/** Turns that are so far apart that `perSecond` of them fit into a second: never a burst. */
export function pace(clock: Clock, perSecond: number): Pace {
  let next = 0;
  return {
    turn: async () => {
      const wait = next - clock.now();
      next = Math.max(next, clock.now()) + 1_000 / perSecond;
      if (wait > 0) await clock.sleep(wait);
    },
    rest: () => {
      next = Math.max(next, clock.now()) + REST_MS;
    },
  };
}

/** Has each attempt of a client, also each retry, wait for its turn. Said again, the later pace counts. */
export function keepPace<Input extends object, Output extends object>(
  { middlewareStack }: { middlewareStack: MiddlewareStack<Input, Output> },
  { turn, rest }: Pace,
): void {
  const paced: FinalizeRequestMiddleware<Input, Output> = (next) => async (args) => {
    await turn();
    try {
      return await next(args);
    } catch (error) {
      if (isThrottled(error)) rest();
      throw error;
    }
  };
  middlewareStack.addRelativeTo(paced, {
    name: 'keepPace',
    relation: 'after',
    toMiddleware: 'retryMiddleware',
    override: true,
  });
}
