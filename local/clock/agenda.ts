import type { Clock } from './index';

/** What a room still means to do: all of it can be called off when the account ends. */
export interface Agenda {
  /** Calls `action` once after `ms` of the world's time. */
  later(ms: number, action: () => void): void;
  close(): void;
}

export function createAgenda(clock: Clock): Agenda {
  const pending = new Set<() => void>();
  return {
    later: (ms, action) => {
      const cancel = clock.after(ms, () => {
        pending.delete(cancel);
        action();
      });
      pending.add(cancel);
    },
    close: () => {
      for (const cancel of pending) cancel();
    },
  };
}
