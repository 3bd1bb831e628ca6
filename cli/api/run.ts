import type { Elevation } from '../../state-machine/api';
import type { Again } from '../again';
import { type Course, hasEnded } from '../course';
import type { Followed, OnEvent } from '../follow';
import type { Surroundings } from '../surroundings';
import { patiently } from '../watch';
import type { Api } from './client';
import { courseOf, eventsOf, recoveryOf } from './course';
import { type Address, read } from './elevations';

export interface ByApi {
  around: Pick<Surroundings, 'clock'>;
  api: Api;
  again: Again;
  /** Is shown the elevation after every look. */
  onLook?: (elevation: Elevation) => void;
}

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 10_000;
/** Recover needs seconds; after two minutes it is sweep's turn, which looks every fifteen. */
const RECOVERY_PATIENCE_MS = 120_000;

const CUT =
  'The API tells the last 4,000 characters of the output and of the errors, of the first 24,000 and 8,000 that SSM keeps. --output-s3 and --output-log-group keep all of it.';

/** A run that the API is asked about. */
export function apiRun(byApi: ByApi, { name, instanceId, grant }: Address): Followed {
  const { around, again, onLook = () => undefined } = byApi;
  const status = statusOf({ name, instanceId, grant }, again);
  const look = patiently(around.clock, async () => [await read(byApi.api, { name, instanceId, grant })]);
  const poll = async <T>(found: (elevation: Elevation) => T | undefined): Promise<T> => {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
      const [elevation] = await look();
      const result = elevation && found(elevation);
      if (elevation) onLook(elevation);
      if (result !== undefined) return result;
      await around.clock.sleep(wait);
    }
  };
  return {
    status,
    cut: CUT,
    goesOn: goesOn({ name, instanceId, grant }, again),
    watch: (onEvent) => {
      const tell = teller(onEvent);
      return poll((elevation) => {
        const course = tell(elevation);
        return hasEnded(course) ? course : undefined;
      });
    },
    watchRecovery: () => {
      const deadline = around.clock.now() + RECOVERY_PATIENCE_MS;
      return poll((elevation) => {
        const recovery = recoveryOf(elevation);
        if (recovery ? hasEnded(recovery) : around.clock.now() >= deadline) return { recovery };
        return undefined;
      }).then(({ recovery }) => recovery);
    },
  };
}

/** Tells what is new since the last look. */
function teller(onEvent: OnEvent): (elevation: Elevation) => Course {
  const told = new Set<string>();
  return (elevation) => {
    const course = courseOf(elevation);
    const events = eventsOf(elevation);
    for (const [at, { key, event }] of events.entries()) {
      if (told.has(key)) continue;
      told.add(key);
      const soFar = events.slice(0, at + 1).map((one) => one.event);
      onEvent(event, { ...course, events: soFar });
    }
    return course;
  };
}

const where = ({ instanceId, grant }: Address) => ['--instance', instanceId, '--grant', grant];

export const statusOf = (address: Address, again: Again, ...more: string[]): string =>
  again.stepup('status', address.name, ...where(address), ...more);

export const releaseOf = (address: Address, again: Again): string =>
  again.stepup('release', address.name, ...where(address));

/** For whoever does not follow a run to its end. */
export const goesOn = (address: Address, again: Again): string =>
  [
    'The run goes on.',
    `  Follow it:  ${statusOf(address, again, '--follow')}`,
    '  End it, and the instance gets its profile back:',
    `    ${releaseOf(address, again)}`,
  ].join('\n');
