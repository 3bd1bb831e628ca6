import { ELEVATIONS } from './elevations';
import { OBSERVING } from './observing';
import { RELEASES } from './releases';
import { REQUESTING } from './requesting';
import type { Scenario } from './scenario';
import { SCHEDULING } from './scheduling';
import { SWEEPING } from './sweeping';

/** Everything that the permissions are for, each named by what it comes to. */
export const SCENARIOS: Scenario[] = [
  ...ELEVATIONS,
  ...SWEEPING,
  ...OBSERVING,
  ...RELEASES,
  ...REQUESTING,
  ...SCHEDULING,
];
