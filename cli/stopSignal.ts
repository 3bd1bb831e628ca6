const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on the Ctrl-C that the terminal has sent to the whole group already: one that follows at once is the same. */
const SAME_MS = 500;
const LOOK_MS = 250;

/** As early as can be: it may be gone before anybody waits for a signal. */
const PARENT = process.ppid;

/**
 * Calls back on every Ctrl-C, SIGTERM and SIGHUP, and when npx has gone that ran this process.
 * @returns what ends that
 */
export function onStop(listener: () => void): () => void {
  for (const signal of SIGNALS) process.on(signal, listener);
  const stopLooking = process.env.npm_command === 'exec' ? whenOrphaned(listener) : () => undefined;
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
    stopLooking();
  };
}

/** Resolves at the first of these; a second one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    onStop(() => {
      if (first !== undefined && performance.now() - first > SAME_MS) process.exit(130);
      first ??= performance.now();
      resolve();
    });
  });
}

/** A SIGTERM to npx ends npm and its shell, which pass it on to nobody. */
function whenOrphaned(listener: () => void): () => void {
  const looking = setInterval(() => {
    if (process.ppid === PARENT) return;
    clearInterval(looking);
    listener();
  }, LOOK_MS).unref();
  return () => clearInterval(looking);
}
