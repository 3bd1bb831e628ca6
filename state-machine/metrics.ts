/** Namespace of every metric of StepUp's own. */
export const METRICS_NAMESPACE = 'StepUp';

/**
 * Every metric that the functions write, with its unit, and that alarms and dashboard read: one list for both. Each has the
 * dimension `Deployment`; those of FAILURES also have `Deployment` with `ErrorName`. An invocation that is repeated may count
 * again.
 */
export const METRICS = {
  /** captureProfile let an elevation begin; the rehearsal may still refuse it. */
  ElevationsStarted: 'Count',
  /** captureProfile, or the rehearsal, refused one: nothing was changed. */
  ElevationsRefused: 'Count',
  /**
   * A run's end, or its recovery's, as Restore says it: one of these four, once for each run; RestoreFailed again with each
   * recovery that fails. Of a Restore that gives up, or is dead, none: the machines' own metrics, and sweep's, tell.
   */
  ElevationsSucceeded: 'Count',
  ElevationsFailed: 'Count',
  ElevationsRecovered: 'Count',
  RestoreFailed: 'Count',
  /** Besides: the instance has its own profile; somebody else's was left there; the record was not as written. */
  ElevationsRestored: 'Count',
  ElevationsSuperseded: 'Count',
  RecordTampered: 'Count',
  /**
   * Invocations of Restore that look, and for how long the run has been restoring by then. RestoringSeconds is sweep's, too: of
   * the run that restores for the longest time, 0 if none does. Its maximum says something, its average does not.
   */
  RestoreAttempts: 'Count',
  RestoringSeconds: 'Seconds',
  /** What Restore threw, and its state tries again; and the same of the rehearsal, which mostly refuses thereby. */
  RestoreErrors: 'Count',
  RehearsalErrors: 'Count',
  /** From the swap until StepUp gave the instance its own profile back. */
  SecondsElevated: 'Seconds',
  /** Recoveries that recover or sweep started, and those of a run that had had one before. */
  RecoveriesStarted: 'Count',
  RecoveriesRepeated: 'Count',
  /** An error that is none of the names a requester can cause: a function of StepUp needs a look. */
  UnexpectedErrors: 'Count',
  /** runScheduled started what a schedule asks for; or could not, at one of the three attempts that Lambda makes. */
  ScheduledStarts: 'Count',
  ScheduledStartsFailed: 'Count',
  // One turn of sweep.
  SweepFinished: 'Count',
  Roles: 'Count',
  Draining: 'Count',
  Deleted: 'Count',
  Stripped: 'Count',
  Stopped: 'Count',
  Orphans: 'Count',
  Unexplained: 'Count',
  Left: 'Count',
  /** Records that are open half an hour after their grant has ended: none of the nets has caught them. */
  RecordsPastExpiry: 'Count',
  /** Of the account's quota of roles, whoever made them. Missing when IAM does not tell. */
  RolesUsedPercent: 'Percent',
} as const;

export type MetricName = keyof typeof METRICS;

/** Also written by error name. */
export const FAILURES = [
  'ElevationsRefused',
  'ElevationsFailed',
  'RestoreErrors',
  'RestoreFailed',
  'UnexpectedErrors',
  'ScheduledStartsFailed',
] as const;
export type FailureName = (typeof FAILURES)[number];
