import type { Obstacle, Original, Outcome } from '../../state-machine/document';
import { iso } from '../common/clock';

/** What a look needs to know to undo: nothing of it comes from the instance's tags. */
export interface Undo {
  instanceId: string;
  original: Original | null;
  tempName: string;
  /** Epoch ms at which restoring began. */
  since: number;
  /** The run was closed before: an instance that is bare now was bared by somebody else, and is left alone. */
  closed: boolean;
  /** The run ended before it could change what the instance has: likewise. */
  neverSwapped: boolean;
  /** What kept the original away at the look before this one. */
  obstacle: Obstacle | undefined;
}

export interface GivenBack {
  restored: Outcome['restored'];
  /** Sentences for the reader of the history; the last says how things stand. */
  notes: string[];
  /** The instance still carries our profile, for want of another. */
  keepsTemp?: boolean;
  /** What is owed could not be given: the run is not closed, and sweep has it tried again. */
  owed?: boolean;
  /** Of a look that is 'pending'. */
  obstacle?: Obstacle;
}

/** What is waited for, to be looked at again in seconds. */
export interface Waiting {
  waitingFor: string;
  obstacle?: Obstacle;
}

/** How long an obstacle has to last before it is taken for one that needs a person. */
export const MEANT_MS: Record<Obstacle['kind'], number> = {
  /** aws-facts 1.2: what EC2 has not associated by then never will be: its role's trust, or it itself, is broken. */
  settling: 10 * 60_000,
  /** EC2's and IAM's views lag, by seconds. */
  denied: 10 * 60_000,
  /** A profile that is made anew (by CloudFormation, say) does not exist for a moment. */
  gone: 60_000,
};

/** The same as at the look before, or seen for the first time now. */
export const obstacleOf = (kind: Obstacle['kind'], { obstacle }: Undo, now: number): Obstacle =>
  obstacle?.kind === kind ? obstacle : { kind, since: iso(now) };

export const lasted = ({ since }: Obstacle, now: number): number => now - Date.parse(since);

export const isMeant = (obstacle: Obstacle, now: number): boolean => lasted(obstacle, now) >= MEANT_MS[obstacle.kind];
