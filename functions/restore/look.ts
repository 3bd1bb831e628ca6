import type { EC2Client } from '@aws-sdk/client-ec2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Document, Original, Outcome } from '../../state-machine/document';
import { iso } from '../common/clock';
import { cancelCommands } from '../common/commands';
import type { Deps } from '../common/lambda';
import { tempName } from '../common/names';
import { nextLook } from '../common/poll';
import { markRestoring, type TempRoleState } from '../common/record';
import { close, strip } from './close';
import { giveBack, NOT_YET } from './giveBack';
import { verdict } from './outcome';

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
  /** Epoch ms: the first look at this run. */
  since: number;
  /** Epoch ms: when the original was first seen back, and `associating`. */
  settlingSince: number | undefined;
  /** No function of this run that changes something can still be alive: each answered on its first attempt. */
  quiet: boolean;
  failure: { error: string; cause: string } | undefined;
  earlierNotes: string[];
}

/** A function runs for at most 60 s and starts within seconds of its Task: after this, none of the run's is alive. */
const STRAGGLERS_MS = 75_000;

/** IAM's writes have one control plane for the world, SSM is another service: the profile does not wait longer for them. */
const PATIENCE_MS = 10_000;

/**
 * One look at a run that ends: stop what runs, take the grant, give the profile back; close it when nothing of it can be
 * alive. What IAM or SSM refuse or delay does not hold up the profile; afterwards the first error is thrown, so that the
 * state tries again.
 */
export async function look(run: Run, deps: Dependencies): Promise<Outcome> {
  const { iam, clock } = deps;
  const { tempRole, instanceId, original, since, closed } = run;
  const name = tempName(run.execution);
  const failures: unknown[] = run.unread ? [run.unread] : [];
  const disarmed = Promise.all(
    disarm(run, name, deps).map((work) => work.catch((error: unknown) => failures.push(error))),
  );
  await Promise.race([disarmed, clock.sleep(PATIENCE_MS)]);
  const back = await giveBack(
    { instanceId, original, since, tempName: name, closed, settlingSince: run.settlingSince },
    deps,
  );
  await disarmed;
  if (failures.length > 0) throw failures[0];

  const { restored, keepsTemp = false } = back;
  const notes = [...new Set([...run.earlierNotes.filter((note) => !note.startsWith(NOT_YET)), ...back.notes])];
  const later = (waitSeconds: number) =>
    pending(run, waitSeconds, notes, back.settling ? (run.settlingSince ?? clock.now()) : undefined);
  if (restored === 'pending') return later(nextLook(clock.now() - since));
  const alone = since + STRAGGLERS_MS - clock.now();
  if (!run.quiet && alone > 0) return later(Math.ceil(alone / 1_000));

  const deleteAfter = tempRole ? await close(iam, tempRole, clock.now(), deps.config.drainMs, keepsTemp) : null;
  if (deleteAfter === undefined) return later(nextLook(0));
  return {
    done: true,
    waitSeconds: 0,
    restored,
    notes,
    since: iso(run.since),
    ...verdict(restored, notes, run.tampered, run.failure),
    tempRole: deleteAfter === null ? null : { roleName: name, deleteAfter: iso(deleteAfter) },
  };
}

/** Everything that is not the profile: the record closes, commands are cancelled, the grant goes. */
function disarm({ tempRole, instanceId }: Run, name: string, { iam, ssm, clock }: Dependencies): Promise<unknown>[] {
  const cancelled = cancelCommands(ssm, instanceId, name);
  if (!tempRole) return [cancelled];
  const marked = tempRole.state === 'open' ? [markRestoring(iam, tempRole, clock.now())] : [];
  return [...marked, cancelled, strip(iam, name)];
}

const pending = (run: Run, waitSeconds: number, notes: string[], settlingSince: number | undefined): Outcome => ({
  done: false,
  waitSeconds: Math.max(1, waitSeconds),
  result: 'Pending',
  restored: 'pending',
  error: '',
  cause: '',
  notes,
  since: iso(run.since),
  ...(settlingSince && { settlingSince: iso(settlingSince) }),
  tempRole: null,
});

/** Did every Task that changes something answer, and on its first attempt? */
export const everyTaskAnswered = ({ error, tempRole, swap, command }: Document): boolean =>
  !error && tempRole?.retried === false && swap?.done === true && !swap.retried && command?.retried === false;
