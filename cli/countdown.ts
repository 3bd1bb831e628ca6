import type { Surroundings } from './surroundings';

interface Around extends Pick<Surroundings, 'clock' | 'err' | 'isTerminal'> {
  /** Epoch ms, by the clock that ends the hold. */
  now(): number;
}

/** Tells, while something else is waited for, how long the instance is still held. */
export interface Countdown {
  /** Writes to the terminal, past the line that is rewritten. */
  err(text: string): void;
  /** Epoch ms; undefined: not held yet, or not any more. */
  heldUntil(until: number | undefined): void;
  sleep(ms: number): Promise<void>;
}

/** Without a terminal the rest is told when it falls below these. */
const MARKS_MIN = [60, 30, 15, 5, 1];
const TICK_MS = 1_000;
const CLEARED = '\r\u001b[K';

export function createCountdown({ clock, now, err, isTerminal }: Around): Countdown {
  let until: number | undefined;
  let shown = false;
  let before = 0;
  const left = () => Math.max(0, (until ?? 0) - now());
  const clear = () => {
    if (shown) err(CLEARED);
    shown = false;
  };
  const tick = () => {
    if (until === undefined) return;
    err(`${CLEARED}  ${inWords(left())} left`);
    shown = true;
  };
  return {
    err: (text) => {
      clear();
      err(text);
    },
    heldUntil: (time) => {
      clear();
      until = time;
      before = left();
    },
    sleep: async (ms) => {
      if (until === undefined) return clock.sleep(ms);
      for (const end = clock.now() + ms; clock.now() < end; ) {
        if (isTerminal) tick();
        await clock.sleep(isTerminal ? Math.min(TICK_MS, end - clock.now()) : ms);
      }
      if (until === undefined || isTerminal) return;
      const mark = MARKS_MIN.findLast((minutes) => before > minutes * 60_000 && left() <= minutes * 60_000);
      before = left();
      if (mark) err(`${mark} min left\n`);
    },
  };
}

/** 1:04:05, or 04:05 */
function inWords(ms: number): string {
  const [time = ''] = new Date(ms).toISOString().slice(11).split('.');
  return time.replace(/^00:/, '').replace(/^0(?=\d:\d\d:)/, '');
}
