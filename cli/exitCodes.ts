/** What a shell script can rely on; the README and every `--help` say the same. */
export const EXIT = {
  done: 0,
  workFailed: 1,
  refused: 2,
  restoreFailed: 3,
  awsFailed: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
