import type { FunctionName } from '../../../../infra/permissions';
import type { Cell } from '../cell';
import { createTempRole } from './createTempRole';
import { captureProfile, guardRelease, recover, waitAssociated } from './lookers';
import { restore } from './restore';
import { runScript } from './runScript';
import { swapProfile } from './swapProfile';
import { sweep } from './sweep';

/** What each function, should its code be somebody else's, may not do besides; a function is here or does not compile. */
export const FUNCTIONS: Record<FunctionName, Cell[]> = {
  captureProfile,
  createTempRole,
  swapProfile,
  waitAssociated,
  runScript,
  restore,
  recover,
  sweep,
  guardRelease,
};
