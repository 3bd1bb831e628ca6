import { FUNCTION_NAMES } from '../../../../infra/permissions';
import type { Attacker, Cell } from '../cell';
import { AS_THE_ORIGINAL } from './asTheOriginal';
import { ENROLLING, EVERYONE } from './everyone';
import { FUNCTIONS } from './functions';
import { elevationMachine, recoveryMachine } from './machines';
import { OTHERS } from './others';
import { recoverer, starter, tagger, taggerUnderTheScp } from './people';
import { requester } from './requester';
import { schedules } from './runScheduled';
import { AS_ITS_ORIGINAL, afterTheExpiry, afterTheRun, elsewhere, withCore, withInherit } from './scripts';

/** Who is looked at from every side: there is an attack of each on each asset. */
export const PRINCIPALS: Attacker[] = [
  ...FUNCTION_NAMES,
  'the elevation machine',
  'the recovery machine',
  'the schedules',
  'a script with core',
  'a script with inherit',
  'a requester',
  'who may start elevations',
  'who may start the recovery machine',
  'who may tag instances',
  ...FUNCTION_NAMES.map((name) => `other:${name}` as const),
];

/** Of everyone's cells those that a script with inherit may do: it is what inherit means. */
const AS_MEANT: Cell[] = AS_THE_ORIGINAL.map(({ stoppedBy: _, ...cell }) => ({ ...cell, residue: AS_ITS_ORIGINAL }));

/** Cells of everyone that are not this one's: it has its own, which say that it may. */
const LET: Partial<Record<Attacker, Cell[]>> = {
  'a script with inherit': AS_THE_ORIGINAL,
  'who may tag instances': [ENROLLING],
};

const OWN: Partial<Record<Attacker, Cell[]>> = {
  ...FUNCTIONS,
  'the elevation machine': elevationMachine,
  'the recovery machine': recoveryMachine,
  'the schedules': schedules,
  'a script with core': withCore,
  'a script with inherit': [...withInherit, ...AS_MEANT],
  'temp credentials on another instance': elsewhere,
  'temp credentials after the run': afterTheRun,
  'temp credentials after the expiry': afterTheExpiry,
  'a requester': requester,
  'who may start elevations': starter,
  'who may start the recovery machine': recoverer,
  'who may tag instances': tagger,
  'who may tag instances, under the SCP': taggerUnderTheScp,
  ...Object.fromEntries(FUNCTION_NAMES.map((name) => [`other:${name}`, OTHERS])),
};

/** All that is tried by this one. Attacks first: what is allowed changes the world. */
export function cellsOf(who: Attacker): Cell[] {
  const everyones = PRINCIPALS.includes(who) ? EVERYONE.filter((cell) => !LET[who]?.includes(cell)) : [];
  const all = [...everyones, ...(OWN[who] ?? [])];
  return [...all.filter(({ residue }) => !residue), ...all.filter(({ residue }) => residue)];
}

export const ATTACKERS: Attacker[] = [...new Set([...PRINCIPALS, ...(Object.keys(OWN) as Attacker[])])];
