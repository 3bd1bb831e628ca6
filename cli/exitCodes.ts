/** What a shell script can rely on. */
export const EXIT = {
  done: 0,
  workFailed: 1,
  refused: 2,
  restoreFailed: 3,
  awsFailed: 4,
  /** A mistake in the command itself: EX_SOFTWARE of sysexits.h. */
  unexpected: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** As the README and every help have it. */
export const EXIT_CODES = `Exit codes: 0 done, 1 the work failed or was not done (the instance has its profile back, or one that somebody else gave
it), 2 refused (nothing was changed) or a wrong command line, 3 the restore failed or its end is unknown, 4 AWS could
not be reached or denied a call, 70 a mistake in this command or a full disk, 130 Ctrl-C, SIGTERM.`;
