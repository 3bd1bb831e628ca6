/** What one run of the demo asks for, and how it must end. */
export interface Mode {
  commandLine: string;
  /** A person stops the execution while the script runs. */
  stops: boolean;
  status: 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  error?: string;
  outcome: string;
}

export const MODES = {
  happy: {
    commandLine: 'node report.cjs',
    stops: false,
    status: 'SUCCEEDED',
    outcome: 'The script was denied, allowed, and denied again: the instance had the grant for exactly one job.',
  },
  fail: {
    commandLine: 'node report.cjs --exit 7',
    stops: false,
    status: 'FAILED',
    error: 'ScriptFailed',
    outcome: 'The script failed, the execution says why, and the instance has its own profile again.',
  },
  abort: {
    // Longer than the demo: it ends because it is cancelled.
    commandLine: 'node report.cjs --sleep 600',
    stops: true,
    status: 'ABORTED',
    error: 'StoppedByAPerson',
    outcome: 'The execution was aborted; the recovery machine gave the instance its own profile back.',
  },
} satisfies Record<string, Mode>;
