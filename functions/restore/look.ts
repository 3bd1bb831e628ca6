import type { EC2Client } from '@aws-sdk/client-ec2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Document, Obstacle, Original, Outcome } from '../../state-machine/document';
import { iso } from '../common/clock';
import { cancelCommands } from '../common/commands';
import type { Deps } from '../common/lambda';
import { tempName } from '../common/names';
import { nextLook } from '../common/poll';
import { markRestoring, type TempRoleState } from '../common/record';
import { close, strip } from './close';
import { giveBack, NOT_YET } from './giveBack';
import { fateOf } from './original';
import { verdict } from './outcome';
import { countElevated, type Elevated } from './report';
import type { GivenBack } from './undo';

export type Dependencies = Deps<{ ec2: EC2Client; iam: IAMClient; sfn: SFNClient; ssm: SSMClient }>;

/** A run that has to be undone, as record and history agree on it. */
export interface Run {
  execution: string;
  instanceId: string;
  original: Original | null;
  /** The run's own role; undefined when there is none (yet, or any more). */
  tempRole: TempRoleState | undefined;
  /** Says how record and history disagree, if they do; the history is believed. */
  tampered: string | undefined;
  /** Why IAM did not tell whether there is a role; undefined when it did. */
  unread: unknown;
  /** The run was closed before, or long ago: an instance that is bare now is left alone. */
  closed: boolean;
  /** The run ended before SwapProfile was entered: it has not changed what the instance has. */
  neverSwapped: boolean;
  /** Epoch ms: the first look at this run. */
  since: number;
  /** Of what its instance has been, as far as that is counted. */
  elevated: Elevated;
  /** Epoch ms from which on no function of this run that changes something can be alive, nor a role still turn up. */
  aloneAt: number;
  /** What kept the original away at the look before this one. */
  obstacle: Obstacle | undefined;
  /** The script's command, if it may still run. */
  commandId: string | undefined;
  failure: { error: string; cause: string } | undefined;
  earlierNotes: string[];
}

/** A function runs for at most 60 s and starts within seconds of its Task: after this, none of the run's is alive. */
export const STRAGGLERS_MS = 75_000;

/** IAM's writes have one control plane for the world, SSM is another service: the profile does not wait longer for them. */
const PATIENCE_MS = 10_000;

/**
 * One look at a run that ends: stop what runs, take the grant, give the profile back; close it when nothing of it can be
 * alive. What IAM or SSM refuse or delay does not hold up the profile; afterwards the first error is thrown, so that the
 * state tries again.
 */
export async function look(run: Run, deps: Dependencies): Promise<Outcome> {
  const { clock } = deps;
  const failures: unknown[] = run.unread ? [run.unread] : [];
  const disarmed = Promise.all(disarm(run, deps).map((work) => work.catch((error: unknown) => failures.push(error))));
  await Promise.race([disarmed, clock.sleep(PATIENCE_MS)]);
  const back = await giveBack({ ...run, tempName: tempName(run.execution) }, deps);
  await disarmed;
  if (failures.length > 0) throw failures[0];
  countElevated(run, back.restored, deps);

  const earlier = run.earlierNotes.filter((note) => !note.startsWith(NOT_YET));
  const notes = [...new Set([...earlier, ...back.notes])];
  if (back.restored === 'pending') return pending(run, nextLook(clock.now() - run.since), notes, back.obstacle);
  const left = run.aloneAt - clock.now();
  return left > 0 ? pending(run, left / 1_000, notes, run.obstacle) : end(run, { ...back, notes }, deps);
}

/** The closing look, when nothing of the run can be alive. What still has to be undone stays open: sweep goes on with it. */
async function end(run: Run, back: GivenBack, deps: Dependencies): Promise<Outcome> {
  const { iam, clock, config } = deps;
  const { tempRole, tampered, failure } = run;
  const { restored, notes } = run.closed ? back : await fateOf(run.original, back, iam);
  const { owed = false, keepsTemp = false } = back;
  const closed = tempRole && !owed ? await close(iam, tempRole, clock.now(), config.drainMs, keepsTemp) : null;
  if (closed === undefined) return pending(run, nextLook(0), notes);
  const deleteAfter = closed === null ? null : iso(closed);
  return {
    done: true,
    waitSeconds: 0,
    restored,
    notes,
    since: iso(run.since),
    ...verdict(restored, notes, tampered, failure),
    tempRole: tempRole ? { roleName: tempRole.name, deleteAfter } : null,
  };
}

/** Everything that is not the profile: the record closes, commands are cancelled, the grant goes. */
function disarm(
  { tempRole, instanceId, execution, commandId }: Run,
  { iam, ssm, clock }: Dependencies,
): Promise<unknown>[] {
  const name = tempName(execution);
  const cancelled = cancelCommands(ssm, instanceId, name, commandId);
  if (!tempRole) return [cancelled];
  const marked = tempRole.state === 'open' ? [markRestoring(iam, tempRole, clock.now())] : [];
  return [...marked, cancelled, strip(iam, name)];
}

/** The look was not the last. */
export const pending = (
  { since }: Pick<Run, 'since'>,
  waitSeconds: number,
  notes: string[],
  obstacle?: Obstacle,
): Outcome => ({
  done: false,
  waitSeconds: Math.max(1, Math.ceil(waitSeconds)),
  result: 'Pending',
  restored: 'pending',
  error: '',
  cause: '',
  notes,
  since: iso(since),
  ...(obstacle && { obstacle }),
  tempRole: null,
});

/** Did every Task that changes something answer, and on its first attempt? */
export const everyTaskAnswered = ({ error, tempRole, swap, command, hold }: Document): boolean =>
  !error &&
  tempRole?.retried === false &&
  swap?.done === true &&
  !swap.retried &&
  // A hold changes nothing.
  (command?.retried === false || hold !== undefined);
