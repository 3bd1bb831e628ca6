import type { Clock } from '../../local';
import { AwsError, ConnectionLost } from '../../local';
import type { ServiceName } from '../../local/world';

/** One attempt of a call, about to reach AWS. */
export interface Attempt {
  service: ServiceName;
  /** 1: the client's first; it repeats what looks transient. */
  number: number;
  clock: Clock;
  proceed: () => Promise<unknown>;
  /** Ends the function that makes the call, at once. */
  kill: () => Promise<never>;
}

type CallFault = (attempt: Attempt) => Promise<unknown>;

const THROTTLED: Partial<Record<ServiceName, string>> = { ec2: 'RequestLimitExceeded', iam: 'Throttling' };
/** As long as the functions' clients wait for an answer. */
const PATIENCE_MS = 8_000;
const LATE_MS = 7_000;
/** Longer than any function, any Task and every wait for stragglers. */
const ASLEEP_MS = 200_000;

/** What may become of one AWS call. What is no answer, or a bad one, meets every attempt of the client. */
export const CALL_FAULTS: Record<string, CallFault> = {
  throttled: async ({ service }) => {
    throw new AwsError(THROTTLED[service] ?? 'ThrottlingException', 'Rate exceeded', service === 'ec2' ? 503 : 400);
  },
  failed: async () => {
    throw new AwsError('InternalError', 'An internal error has occurred', 500);
  },
  'timed-out': async ({ clock }) => {
    await clock.sleep(PATIENCE_MS);
    throw new ConnectionLost();
  },
  // The client's next attempt meets what this one has done.
  'answer-lost': async ({ number, clock, proceed }) => {
    const answer = await proceed();
    if (number > 1) return answer;
    await clock.sleep(PATIENCE_MS);
    throw new ConnectionLost();
  },
  'every-answer-lost': async ({ clock, proceed }) => {
    await proceed();
    await clock.sleep(PATIENCE_MS);
    throw new ConnectionLost();
  },
  denied: async ({ service }) => {
    throw new AwsError(service === 'ec2' ? 'UnauthorizedOperation' : 'AccessDenied', 'You are not authorized', 403);
  },
  'killed-before': ({ kill }) => kill(),
  'killed-after': async ({ proceed, kill }) => {
    await proceed();
    return kill();
  },
  // The client still waits when the answer comes.
  late: async ({ clock, proceed }) => {
    await clock.sleep(LATE_MS);
    return proceed();
  },
  // Lambda ends it after 60 s, and the machine goes on; minutes later it wakes, and does the call and all that follows.
  zombie: async ({ number, clock, proceed }) => {
    if (number === 1) await clock.sleep(ASLEEP_MS);
    return proceed();
  },
  // The same after the call: it was carried out, and the function hears of it minutes later.
  asleep: async ({ number, clock, proceed }) => {
    const answer = await proceed();
    if (number === 1) await clock.sleep(ASLEEP_MS);
    return answer;
  },
};
