/**
 * The one clock of an embedded world. Everything that takes time there takes it from here, so that a test can let a
 * day pass in a millisecond and the demo can shorten every wait by the same factor.
 */
export interface Clock {
  /** Epoch milliseconds of the world. */
  now(): number;
  /** Resolves when `ms` milliseconds of the world's time have passed. */
  sleep(ms: number): Promise<void>;
  /** Calls `action` once after `ms` milliseconds of the world's time; the returned function calls it off. */
  after(ms: number, action: () => void): () => void;
  /** World seconds per real second; 1 is real time, Infinity is virtual time. */
  readonly speed: number;
}

/** setTimeout's largest delay, 2^31-1 ms (24.8 days): anything longer would fire at once. */
const LONGEST_TIMEOUT = 2_147_483_647;

/** A clock that runs `speed` times as fast as the wall clock, from the wall clock's present. */
export function wallClock(speed = 1): Clock {
  const start = Date.now();
  const now = () => Math.floor(start + (Date.now() - start) * speed);
  const after = (ms: number, action: () => void) => {
    const due = now() + ms;
    let timer: NodeJS.Timeout;
    const arm = () => {
      const left = (due - now()) / speed;
      timer = left > LONGEST_TIMEOUT ? setTimeout(arm, LONGEST_TIMEOUT) : setTimeout(action, Math.max(0, left));
    };
    arm();
    return () => clearTimeout(timer);
  };
  return { speed, now, after, sleep: (ms) => new Promise((resolve) => void after(ms, resolve)) };
}
