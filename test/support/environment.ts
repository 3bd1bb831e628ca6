import type { Launcher } from '../../local/world';

/** The deployment with other settings than the ones it was synthesised with, as far as functions read them. */
export const environment =
  (changed: Record<string, string>) =>
  (launcher: Launcher): Launcher => ({
    launch: (fn, credentials) =>
      launcher.launch({ ...fn, environment: { ...fn.environment, ...changed } }, credentials),
  });
