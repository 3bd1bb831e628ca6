import { captureProfile } from './captureProfile';
import { createTempRole } from './createTempRole';
import { guardRelease } from './guardRelease';
import { hold } from './hold';
import type { Permissions, Scope } from './permission';
import { recover } from './recover';
import { requestElevation } from './requestElevation';
import { restore } from './restore';
import { runScheduled } from './runScheduled';
import { runScript } from './runScript';
import { swapProfile } from './swapProfile';
import { sweep } from './sweep';
import { waitAssociated } from './waitAssociated';

/** What each function may do; a function is here or does not exist. */
export const permissions = {
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
} satisfies Record<string, (scope: Scope) => Permissions>;

export type FunctionName = keyof typeof permissions;

export const FUNCTION_NAMES = Object.keys(permissions) as FunctionName[];
