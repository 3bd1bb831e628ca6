import { tempName } from '../../functions/common/names';
import { isErrorName } from '../../state-machine/errors';
import { DEPLOYMENT, INSTANCE } from '../support/deployed';
import { isTemp, type Moment, moments, type Role, type State } from './moments';
import type { Scenario } from './scenarios';
import type { Call, Execution, ScriptStart, Trace } from './trace';

/** What happened, as the promises are judged by it. */
export interface Story {
  trace: Trace;
  /** Every instant at which something changed. */
  moments: Moment[];
  /** ARN of the profile with which the instance began; null: none. */
  original: string | null;
  /** ms for which a request waits for its instance. */
  patience: number;
  /** ms that EC2 takes to associate a profile. */
  associating: number;
}

const PROFILES = 'arn:aws:iam::123456789012:instance-profile/';

export function storyOf(trace: Trace, { profile, waitForInstanceMinutes = 0, delays }: Scenario): Story {
  const original = profile ? `${PROFILES}${profile}` : null;
  const { associating = 0 } = delays;
  return {
    trace,
    moments: moments(trace, original),
    original,
    patience: waitForInstanceMinutes * 60_000,
    associating,
  };
}

/** Lambda lets no function of ours live as long. */
const LONGEST_LIFE_MS = 75_000;

/**
 * Was the command on its way for longer than the function that sent it can have lived? Lambda does not let that happen, and
 * if it did, SendCommand has no condition by which IAM could refuse it.
 */
export const wasHeldBack = ({ run, at }: ScriptStart, { calls }: Trace): boolean =>
  calls.some(
    (call) =>
      call.by?.run === run &&
      call.operation === 'SendCommand' &&
      call.at <= at &&
      call.at - call.sent > LONGEST_LIFE_MS,
  );

export const nameIn = (arn = '') => arn.slice(arn.lastIndexOf('/') + 1);
export const hasGrant = (role: State['roles'][string] | undefined) =>
  role !== undefined && 'stepup-grant' in role.inline;

export const stateAt = (all: Moment[], at = Number.POSITIVE_INFINITY): State =>
  all.findLast((moment) => moment.at <= at)?.after ?? { attached: null, roles: {}, profiles: [] };

export const isSwap = ({ call, before, after }: Moment): boolean =>
  call.by?.place === 'SwapProfile' && before.attached !== after.attached;

/** Replace, Associate and Disassociate by StepUp itself: the compare-and-swap, seen from outside. */
export function swapFault({ call, before, after }: Moment, story: Story): string[] {
  const { by, service } = call;
  if (!by || service !== 'ec2' || before.attached === after.attached) return [];
  const { arn } = story.trace.elevations.find(({ name }) => name === by.run) ?? { arn: '' };
  const original = capturedBy(by.run, story);
  const from = before.attached;
  const to = after.attached;
  const swap = by.place === 'SwapProfile' && from === original && isTemp(to, arn);
  const back = /Restore$/.test(by.place) && (from === null || isTemp(from, arn)) && (to === null || to === original);
  return swap || back ? [] : [`${by.place} of ${by.run} exchanged ${from} for ${to}`];
}

/** What the instance had when the run looked for the last time before it changed anything. */
export function capturedBy(run: string, { trace, moments: all, original }: Story): string | null {
  const look = trace.calls.findLast(
    ({ by, operation }) =>
      by?.run === run && by.place === 'CaptureProfile' && operation === 'DescribeIamInstanceProfileAssociations',
  );
  const seen = all.findLast(({ order }) => order < trace.calls.indexOf(look as Call));
  return seen ? seen.after.attached : original;
}

/** Did another hand write the record's tags? */
export const wasRewritten = (trace: Trace) => did(trace, 'record-changed') ?? did(trace, 'record-unreadable');
export const did = ({ acts }: Trace, what: string) => acts.findLast((act) => act.what === what && act.done);

/**
 * What the instance may have at the end. What somebody else attached stays; what they took off stays off, but for a run
 * that was not closed: it cannot tell that from a half-step of its own, and gives back what it had captured.
 */
export function owedAtEnd(trace: Trace, original: string | null, all: Moment[]): (string | null)[] {
  let owed: (string | null)[] = [original];
  for (const { call, before, after } of all) {
    if (call.by || before.attached === after.attached) continue;
    const captured = Object.values(after.roles).filter(isOpen).map(originalIn);
    const running = trace.elevations.some(
      ({ startedAt, endedAt = call.at }) => startedAt <= call.at && call.at <= endedAt,
    );
    if (after.attached !== null) owed = [after.attached];
    else if (isTemp(before.attached)) owed = [...owed, ...captured];
    else owed = running || captured.length > 0 ? [null, ...owed, ...captured] : [null];
  }
  return [...owed, ...withoutOriginal(trace)];
}

/** Where the original was gone when it should have come back, the instance keeps what it had, or nothing: and a person was told. */
function withoutOriginal({ elevations, recoveries, acts }: Trace): (string | null)[] {
  if (!acts.some(({ what, done }) => what === 'original-deleted' && done)) return [];
  const told = [...elevations, ...recoveries].filter(({ error }) => error === 'OriginalGone');
  const kept = elevations.map(({ arn }) => `${PROFILES}stepup/elevations/${INSTANCE}/${DEPLOYMENT}/${tempName(arn)}`);
  // Once it exists again, sweep has the kept profile exchanged; of an instance that is bare nobody hears any more.
  const isBack = acts.some(({ what, done }) => /^original-(recreated|returns)$/.test(what) && done);
  return told.length > 0 ? [null, ...(isBack ? [] : kept)] : [];
}

/** The id of a command, in the call that sent it. */
export const sentAs = ({ operation, output }: Call): string | undefined =>
  operation === 'SendCommand' ? output?.Command?.CommandId : undefined;

/** Was the instance not running, at some time before? Then EC2 cannot replace a profile. */
export const wasStopped = ({ acts }: Trace, at: number): boolean =>
  acts.some((act) => ['stops', 'hibernates', 'terminates'].includes(act.what) && act.at <= at);

/** Where a person has to do something first, or AWS itself denies or is told nothing for longer. */
export const mayTakeLonger = ({ acts, elevations, recoveries }: Trace): boolean =>
  acts.some(({ what }) => MAY_TAKE_LONGER.includes(what)) ||
  [...elevations, ...recoveries].some(({ error }) => error === 'OriginalGone' || error === 'RestoreFailed');

const MAY_TAKE_LONGER = [
  ...['stops', 'hibernates', 'terminates', 'original-deleted', 'original-returns'],
  ...['record-changed', 'record-unreadable', 'role-deleted'],
];

const isOpen = ({ tags }: Role): boolean => tags['stepup:draining-since'] === undefined;

function originalIn({ tags }: Role): string | null {
  const [profileArn = 'none'] = (tags['stepup:original'] ?? 'none').split(' ');
  return profileArn === 'none' ? null : profileArn;
}

export function endFault({ name, status, error, cause, output }: Execution): string[] {
  if (status === 'RUNNING') return [`${name} has not ended`];
  if (status === 'SUCCEEDED') {
    const { script, hold, outcome } = JSON.parse(output ?? '{}');
    return (script?.status === 'Success' || hold !== undefined) && outcome?.done
      ? []
      : [`${name} succeeded without having done its work`];
  }
  if (status !== 'FAILED') return [];
  const known = isErrorName(error ?? '') || /^(Lambda|Sandbox|Runtime)\./.test(error ?? '');
  return known && cause ? [] : [`${name} failed with '${error}': '${cause ?? ''}'`];
}
