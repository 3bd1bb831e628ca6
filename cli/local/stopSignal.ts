/** npm passes on the Ctrl-C that the terminal has sent to the whole group already: one that follows at once is the same. */
const SAME_MS = 500;
const LOOK_MS = 250;

/** As early as can be: it may be gone before anybody waits for a signal. */
const PARENT = process.ppid;

/** Resolves at the first Ctrl-C (or SIGTERM, SIGHUP); a second one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const stop = () => {
      if (first !== undefined && performance.now() - first > SAME_MS) process.exit(130);
      first ??= performance.now();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
    if (process.env.npm_command === 'exec') whenOrphaned(resolve);
  });
}

/** A SIGTERM to npx ends npm and its shell, which pass it on to nobody. */
function whenOrphaned(stop: () => void): void {
  const looking = setInterval(() => {
    if (process.ppid === PARENT) return;
    clearInterval(looking);
    stop();
  }, LOOK_MS).unref();
}
