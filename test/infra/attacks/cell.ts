import type { FunctionName } from '../../../infra/permissions';
import type { ConditionContext } from '../../../local/world';
import type { Hands } from './arena';

/** What somebody may be after. */
export const ASSETS = [
  'original roles',
  'other roles',
  'IAM at large',
  'instances that are not enrolled',
  'the profile of enrolled instances',
  'the record',
  'the ceiling',
  'StepUp itself',
  'temp roles of others',
  'commands on instances',
  'data',
  'the audit trail',
] as const;
export type Asset = (typeof ASSETS)[number];

/** Evaluated by IAM without a call, where the embedded AWS has no such operation. */
export interface Question {
  action: string;
  resource: string;
  keys?: ConditionContext;
}

/** A call with the hands of somebody, or what IAM is asked about them. */
export type Deed = ((hands: Hands) => Promise<unknown>) | Question;

export interface Cell {
  against: Asset;
  /** What is tried; with who tries it, unlike every other. */
  attempt: string;
  /** Why AWS denies it. */
  stoppedBy?: string;
  /** AWS has no key for it, or it is meant so: it is allowed, and this is why that is borne. */
  residue?: string;
  deed: Deed;
  /** The same in its legitimate form, which succeeds: by the attacker itself, or else the same deed by an administrator. */
  right?: Deed;
  /** Who does `right`. */
  rightBy?: Attacker;
}

type Denied = Omit<Cell, 'residue'> & { stoppedBy: string };
type Allowed = Omit<Cell, 'stoppedBy' | 'right' | 'rightBy'> & { residue: string };

export const denied = (cell: Denied): Cell => cell;
/** What is not defended against: it is shown that it is allowed. */
export const allowed = (cell: Allowed): Cell => cell;

export const ask = (action: string, resource: string, keys?: ConditionContext): Question => ({
  action,
  resource,
  keys,
});

/** Whose credentials are used. `other:` are functions of another deployment. */
export type Attacker =
  | FunctionName
  | `other:${FunctionName}`
  | 'the elevation machine'
  | 'the recovery machine'
  | 'the schedules'
  | 'a script with core'
  | 'a script with inherit'
  | 'temp credentials on another instance'
  | 'temp credentials after the run'
  | 'temp credentials after the expiry'
  | 'a requester'
  | 'who may start elevations'
  | 'who may start the recovery machine'
  | 'who may tag instances'
  | 'who may tag instances, under the SCP'
  | 'the enrolment role, under the SCP'
  | 'an administrator';
