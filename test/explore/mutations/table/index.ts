import type { Mutation } from '../mutation';
import { ELEVATION } from './elevation';
import { MACHINES } from './machines';
import { PERMISSIONS } from './permissions';
import { RESTORE } from './restore';
import { SWEEP } from './sweep';

/** Every protection of StepUp, in the order of docs/design.md's table. */
export const MUTATIONS: Mutation[] = [...ELEVATION, ...RESTORE, ...SWEEP, ...MACHINES, ...PERMISSIONS];
