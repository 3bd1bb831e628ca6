import type { Clock } from './index';

/** A clock that stands still until everything waits, and then jumps to the next thing that is due. */
export interface VirtualClock extends Clock {
  /**
   * Lets virtual time pass until `work` settles, and returns what it returned.
   * @throws Error when nothing is due and `work` has not settled: it waits for something that will never come.
   */
  run<T>(work: Promise<T>): Promise<T>;
  /** Time stands still until the returned function is called: for real work (a socket, a child process). */
  hold(): () => void;
}

interface Timer {
  due: number;
  order: number;
  action: () => void;
}

/** Virtual time, beginning at `start` (epoch ms). Timers that are due together fire in the order they were set. */
export function virtualClock(start = Date.UTC(2026, 0, 5, 9)): VirtualClock {
  let time = start;
  let order = 0;
  let held = 0;
  const timers = new Set<Timer>();

  const after = (ms: number, action: () => void) => {
    const timer = { due: time + Math.max(0, ms), order: order++, action };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const next = () => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) first = timer;
    }
    return first;
  };
  /** All promise callbacks run before setImmediate's: two turns also let an immediate set by them run. */
  const quiet = async () => {
    do {
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    } while (held > 0);
  };

  return {
    speed: Number.POSITIVE_INFINITY,
    now: () => time,
    after,
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    hold: () => {
      held += 1;
      return () => {
        held -= 1;
      };
    },
    run: async (work) => {
      let settled = false;
      const done = () => {
        settled = true;
      };
      work.then(done, done);
      for (;;) {
        await quiet();
        if (settled) return work;
        const timer = next();
        if (!timer) throw new Error(`Virtual time has nothing left to wait for at ${new Date(time).toISOString()}`);
        timers.delete(timer);
        time = timer.due;
        timer.action();
      }
    },
  };
}
