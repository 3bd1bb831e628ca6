import { ofApi, ofDeadLetters, ofFunction, ofMachine, ours, type Source, type Statistic } from './metrics';

/** An alarm, as data. Its name is the anchor, in small letters, of its entry in docs/runbook.md. */
export interface AlarmRow {
  metric: Source;
  /** Taken off it: what is told elsewhere. */
  without?: readonly Source[];
  statistic: Statistic;
  /** It rings when the statistic over the last so many minutes is so. One period, always: who waits for a second one is late. */
  minutes: number;
  when: '>=' | '>' | '<';
  threshold: number;
  /** What silence means. `ignore`: what was the case before. */
  silence: 'fine' | 'breaching' | 'ignore';
  /** Is the end told, too? Only of a state: that no new event came within five minutes is no good news. */
  tellsEnd: boolean;
  /** One sentence, for an e-mail. */
  means: string;
}

/** Something happened that nobody wants to happen. */
const event = (
  metric: Source,
  means: string,
  { times = 1, minutes = 5, without = [] }: { times?: number; minutes?: number; without?: Source[] } = {},
): AlarmRow => ({
  metric,
  without,
  statistic: 'Sum',
  minutes,
  when: '>=',
  threshold: times,
  silence: 'fine',
  tellsEnd: false,
  means,
});

/**
 * Something is so, as sweep says every 15 minutes: half an hour holds at least one turn, however long each took. A sweep that
 * is silent says nothing about it, and has an alarm of its own.
 */
const state = (metric: Source, threshold: number, means: string): AlarmRow => ({
  metric,
  statistic: 'Maximum',
  minutes: 30,
  when: '>=',
  threshold,
  silence: 'ignore',
  tellsEnd: true,
  means,
});

const LONG_RESTORE_SECONDS = 600;
/** An elevation needs one role for seven hours: at 70 % of 1,000 there is time to ask AWS for more. */
const ROLES_PERCENT = 70;

/** Every alarm of a deployment: `<deployment>-<name>`. */
export const ALARMS = {
  RestoreFailed: event(
    ours('RestoreFailed'),
    'An instance could not be given its own profile back: a person is needed.',
  ),
  // Restore itself says it at each attempt, sweep at each turn.
  RestoringLong: {
    ...state(
      ours('RestoringSeconds'),
      LONG_RESTORE_SECONDS,
      'A run has tried for more than ten minutes to give a profile back.',
    ),
    when: '>',
  },
  RecoveryRepeated: event(
    ours('RecoveriesRepeated'),
    'A run had to be recovered a second time: the first recovery did not finish.',
  ),
  RecordTampered: event(
    ours('RecordTampered'),
    'The tags of a temp role are not those that StepUp wrote: somebody else changed them.',
  ),
  RecordPastExpiry: state(
    ours('RecordsPastExpiry'),
    1,
    'A grant has ended, and its run has not given the profile back: the grant gives nothing any more, the instance waits.',
  ),
  Unexplained: state(ours('Unexplained'), 1, 'Sweep sees something under its path that it does not understand.'),
  RolesNearQuota: state(
    ours('RolesUsedPercent'),
    ROLES_PERCENT,
    `At least ${ROLES_PERCENT} % of the account's quota of IAM roles is used: at 100 % every elevation is refused.`,
  ),
  SweepSilent: {
    metric: ours('SweepFinished'),
    statistic: 'Sum',
    minutes: 60,
    when: '<',
    threshold: 1,
    silence: 'breaching',
    tellsEnd: true,
    means: 'Sweep has not finished a turn for an hour: nobody finds what was left behind.',
  },
  DeadLetters: {
    ...event(
      ofDeadLetters('ApproximateNumberOfMessagesVisible'),
      'An event reached neither recover nor sweep, or failed there three times.',
    ),
    statistic: 'Maximum',
    // SQS reports no queue that nobody has used for six hours (SQS Developer Guide, 'Monitoring … using CloudWatch').
    silence: 'ignore',
    tellsEnd: true,
  },
  // One error may be AWS's; the function is called again a few seconds later.
  RestoreErrors: event(ours('RestoreErrors'), 'Restore fails again and again.', { times: 3, minutes: 15 }),
  // What crashes or runs out of time writes no metric. Five: Lambda's count can be a minute ahead of what the log tells.
  RestoreCrashes: event(
    ofFunction('restore', 'Errors'),
    'Restore ends again and again without saying why: it crashes, or runs out of its time.',
    { times: 5, minutes: 15, without: [ours('RestoreErrors'), ours('RehearsalErrors')] },
  ),
  RecoverErrors: event(ofFunction('recover', 'Errors'), 'Recover fails again and again.', { times: 2, minutes: 15 }),
  SweepErrors: event(ofFunction('sweep', 'Errors'), 'Sweep fails again and again.', { times: 2, minutes: 60 }),
  // Lambda's own, which counts crashes, too.
  ScheduleNotStarted: event(
    ofFunction('runScheduled', 'Errors'),
    'A schedule was due, and its elevation could not be started: Lambda tries twice more within minutes.',
  ),
  // It has no dead letters: CloudFormation waits for its answer, and says that none came.
  GuardErrors: event(
    ofFunction('guardRelease', 'Errors'),
    'The guard of releases failed: a deployment waits for its answer.',
  ),
  // One may be AWS's, and whoever asked asks again.
  ApiErrors: event(ofApi('5XXError'), 'The API fails again and again: requesters are turned away.', {
    times: 5,
    minutes: 15,
  }),
  UnexpectedErrors: event(
    ours('UnexpectedErrors'),
    'A function failed by an error that no requester can cause: it needs a look.',
  ),
  RestoreThrottled: event(
    ofFunction('restore', 'Throttles'),
    'Lambda turned Restore away: more restores than may run at once.',
    {
      times: 5,
    },
  ),
  RecoveryFailed: event(
    ofMachine('recovery', 'ExecutionsFailed'),
    'A recovery failed: without its own profile an instance stays until sweep starts the next.',
  ),
  RecoveryTimedOut: event(ofMachine('recovery', 'ExecutionsTimedOut'), 'A recovery ran out of time.'),
  RecoveryAborted: event(ofMachine('recovery', 'ExecutionsAborted'), 'Somebody stopped a recovery.'),
} as const satisfies Record<string, AlarmRow>;

export type AlarmName = keyof typeof ALARMS;
