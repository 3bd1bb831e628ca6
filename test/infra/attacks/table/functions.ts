import type { FunctionName } from '../../../../infra/permissions';
import type { Cell } from '../cell';
import { createTempRole } from './createTempRole';
import { captureProfile, guardRelease, hold, recover, waitAssociated } from './lookers';
import { requestElevation } from './requestElevation';
import { restore } from './restore';
import { runScheduled } from './runScheduled';
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
  hold,
  restore,
  recover,
  sweep,
  runScheduled,
  guardRelease,
  requestElevation,
};
