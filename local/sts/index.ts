import type { Room, World } from '../world';
import { assumeRole } from './operations/assumeRole';
import { getCallerIdentity } from './operations/getCallerIdentity';

export function createSts(_world: World): Room {
  return { operations: [assumeRole, getCallerIdentity] };
}
