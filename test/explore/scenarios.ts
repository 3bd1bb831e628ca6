import type { Delays } from '../../local/world';
import type { Site } from './director';
import { randomOf } from './random';
import type { Fault } from './schedule';

/** The elevations of a schedule, and the world that they meet. */
export interface Scenario {
  what: string;
  /** One elevation each: how many seconds after the first it is asked for. */
  starts: number[];
  /** The instance's own profile; null: none. */
  profile: string | null;
  waitForInstanceMinutes?: number;
  /** How long the script runs. */
  scriptSeconds: number;
  /** No script: so long at most the instance is held. */
  holdMinutes?: number;
  delays: Partial<Delays>;
  /** Faults that belong to the scenario itself. */
  always?: Fault[];
  /** Where single faults are put: at which calls, and at which visits of states. Default: everywhere. */
  calls?: (site: Site) => boolean;
  visits?: (site: Site) => boolean;
}

/** As short as they may be, so that an exploration sees much in little time; still no two of them are the same. */
const SHORT: Partial<Delays> = {
  iamPropagation: 3_000,
  associating: 1_900,
  disassociating: 1_500,
  imdsRefresh: 500,
  commandDelivery: 100,
  instanceTransition: 20_000,
  defaultHostManagement: 5_000,
  agentRegistration: 60_000,
};

/** So long that the machine comes to wait in each of its Wait states. */
const LONG: Partial<Delays> = {
  iamPropagation: 25_000,
  associating: 30_000,
  disassociating: 15_000,
  imdsRefresh: 20_000,
  commandDelivery: 15_000,
};

const one = { starts: [0], profile: 'app', scriptSeconds: 3, delays: SHORT };
const nowhere = () => false;
const ofRecovery = ({ name }: Site) => /recover/.test(name);
const isChange = ({ operation }: Site) => !/^(Get|List|Describe)/.test(operation ?? '');
const isTask = ({ name }: Site) => !/\.(Wait[^A]|Wait[A-Z]\w+For|Is[A-Z]|Begin|Outcome)/.test(name);

export const SCENARIOS: Record<string, Scenario> = {
  one: { ...one, what: 'one elevation of an instance that has a profile' },
  bare: { ...one, what: 'one elevation of an instance that has none, managed by default', profile: null },
  slow: {
    ...one,
    what: 'one elevation where AWS takes its time in everything',
    scriptSeconds: 40,
    delays: LONG,
    calls: nowhere,
    visits: ({ name }) => /\.Wait(To|For)/.test(name),
  },
  stopped: {
    ...one,
    what: 'one elevation that is stopped while its script runs, and its recovery',
    scriptSeconds: 120,
    always: [{ site: 'a.AwaitScript#1', kind: 'stop' }],
    calls: ofRecovery,
    visits: ofRecovery,
  },
  long: {
    ...one,
    what: 'one elevation whose script runs for twenty minutes, while sweep comes by',
    scriptSeconds: 1_200,
    calls: nowhere,
    visits: ({ name }) => name === 'a.AwaitScript#2',
  },
  held: {
    ...one,
    what: 'one elevation that is held for a minute, until its time is up',
    holdMinutes: 1,
    calls: ({ name }) => /\.Hold\//.test(name),
    visits: ({ name }) => /\.(Hold|Restore)#1$/.test(name),
  },
  two: {
    ...one,
    what: 'two elevations of one instance, with patience',
    starts: [0, 1],
    waitForInstanceMinutes: 30,
    calls: isChange,
    visits: (site) => isTask(site) && /^b.*#[12]$/.test(site.name),
  },
  three: {
    ...one,
    what: 'three elevations of one instance at once, with patience',
    starts: [0, 0, 7],
    waitForInstanceMinutes: 60,
    calls: nowhere,
    visits: (site) => isTask(site) && /^b.*#1$/.test(site.name),
  },
};

/** The longest that a storm makes each of these, in ms. */
const LONGEST: Partial<Delays> = {
  iamPropagation: 30_000,
  associating: 70_000,
  disassociating: 20_000,
  imdsRefresh: 20_000,
  commandDelivery: 20_000,
  instanceTransition: 120_000,
  eventDelivery: 90_000,
};

/** The scenario with times and delays that the seed draws; 0: as it is. */
export function varied(scenario: Scenario, seed: number): Scenario {
  if (seed === 0) return scenario;
  const random = randomOf(seed ^ 0x5eed);
  const upTo = (most: number) => Math.round(random() * most);
  const delays = Object.fromEntries(Object.entries(LONGEST).map(([name, longest]) => [name, upTo(longest)]));
  return {
    ...scenario,
    starts: scenario.starts.map((_, index) => (index === 0 ? 0 : upTo(90))),
    scriptSeconds: upTo(150),
    delays: { ...scenario.delays, ...delays },
  };
}
