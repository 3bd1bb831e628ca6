import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FUNCTION_NAMES } from '../../../infra/permissions';
import type { Credentials } from '../../../local/world';
import { synthWithCatalogue } from '../synth';
import { type Arena, type Assemblies, createArena, type Hands } from './arena';
import { bringPeople, credentialsOf } from './attackers';
import { ASSETS, type Attacker, type Cell, type Deed } from './cell';
import { elevate, letGoWrong, outlivedExpiry, outlivedRestore, spread } from './moments';
import { role, STACKS } from './places';
import { ATTACKERS, cellsOf, PRINCIPALS } from './table';
import { FUNCTIONS } from './table/functions';
import { UNSPEAKABLE } from './table/names';

const DENIALS = ['AccessDenied', 'UnauthorizedOperation', 'AccessDeniedException'];

let assemblies: Assemblies;
beforeAll(() => {
  const configuration = { restorableRoles: [role('app*')] };
  const made = Object.entries(STACKS).map(([deployment, stackName]) => [
    deployment,
    synthWithCatalogue({ ...configuration, stackName, deployment }),
  ]);
  assemblies = Object.fromEntries(made);
});

interface Group {
  what: string;
  attackers: Attacker[];
  /** What happens before the attacks. */
  scene?: (arena: Arena) => Promise<void>;
  /** Credentials that are not simply had. */
  credentials?: Partial<Record<Attacker, (arena: Arena) => Promise<Credentials>>>;
}

const GROUPS: Group[] = [
  {
    what: 'functions that have gone wrong, machines and schedules',
    attackers: [...FUNCTION_NAMES, 'the elevation machine', 'the recovery machine', 'the schedules'],
  },
  {
    what: 'scripts on elevated instances',
    attackers: ['a script with core', 'a script with inherit', 'temp credentials on another instance'],
    scene: async (arena) => {
      await spread(arena);
      await letGoWrong(arena);
    },
  },
  {
    what: 'credentials that outlive the grant',
    attackers: ['temp credentials after the run', 'temp credentials after the expiry'],
    credentials: {
      'temp credentials after the run': outlivedRestore,
      'temp credentials after the expiry': outlivedExpiry,
    },
  },
  {
    what: 'people',
    attackers: [
      'a requester',
      'who may start elevations',
      'who may start the recovery machine',
      'who may tag instances',
      'who may tag instances, under the SCP',
    ],
  },
  { what: "another deployment's functions", attackers: FUNCTION_NAMES.map((name) => `other:${name}` as const) },
];

/** What AWS says in a denial of that one: which of the policies did not let it. */
const reasonOf = (who: Attacker): RegExp => {
  if (/^a script|on another instance/.test(who)) return /permissions boundary/;
  if (/SCP$/.test(who)) return /explicit deny in an identity-based policy/;
  return /because no identity-based policy allows/;
};

interface Outcome {
  allowed: boolean;
  name: string;
  message: string;
}

/** How a deed ends: allowed, or refused by what error. */
async function end(arena: Arena, credentials: Credentials, deed: Deed): Promise<Outcome> {
  if (typeof deed !== 'function') {
    const decision = arena.evaluate(credentials, deed.action, deed.resource, deed.keys);
    const message = decision.allowed ? '' : decision.because;
    return { allowed: decision.allowed, name: decision.allowed ? '' : 'AccessDenied', message };
  }
  try {
    await deed(arena.hands(credentials) as Hands);
    return { allowed: true, name: '', message: '' };
  } catch (error) {
    const { name, message } = error as Error;
    return { allowed: false, name, message };
  }
}

/** STS does not say why. */
const tells = ({ message }: Outcome) => !message.includes('sts:AssumeRole');

describe.each(GROUPS)('$what', ({ attackers, scene, credentials = {} }) => {
  let arena: Arena;
  const held = new Map<Attacker, Credentials>();
  const as = (who: Attacker): Credentials => held.get(who) as Credentials;

  beforeAll(async () => {
    arena = await createArena(assemblies);
    const { world, during } = arena;
    await during(bringPeople(world).then(() => elevate(arena)));
    if (scene) await during(scene(arena));
    const all = [...attackers, 'an administrator', 'the enrolment role, under the SCP'] as const;
    for (const who of all) {
      held.set(who, await during(credentials[who]?.(arena) ?? credentialsOf(world, who)));
    }
  });
  afterAll(() => arena.close());

  describe.each(attackers)('%s', (who) => {
    const cells = cellsOf(who);
    const stopped = cells.filter(({ residue }) => !residue);
    const borne = cells.filter(({ residue }) => residue);

    test.each(stopped)('must not $attempt', async ({ deed, right, rightBy }) => {
      const outcome = await end(arena, as(who), deed);
      expect(outcome).toEqual({ allowed: false, name: expect.any(String), message: expect.any(String) });
      expect(DENIALS).toContain(outcome.name);
      if (tells(outcome)) expect(outcome.message).toMatch(reasonOf(who));
      if (right && rightBy !== 'an administrator') {
        expect(await end(arena, as(rightBy ?? who), right)).toMatchObject({ allowed: true, message: '' });
      }
    });

    if (borne.length > 0) {
      test.each(borne)('may, and the docs say so: $attempt', async ({ deed }) => {
        expect(await end(arena, as(who), deed)).toEqual({ allowed: true, name: '', message: '' });
      });
    }
  });
});

describe('the table', () => {
  test.each(PRINCIPALS)('%s is seen from every side', (who) => {
    const sides = new Set(cellsOf(who).map(({ against }) => against));
    expect(ASSETS.filter((asset) => !sides.has(asset))).toEqual([]);
  });

  test.each(FUNCTION_NAMES)('%s has attacks of its own', (name) => {
    expect(FUNCTIONS[name].filter(({ stoppedBy }) => stoppedBy).length).toBeGreaterThan(0);
  });

  test('no attempt stands twice', () => {
    for (const who of PRINCIPALS) {
      const attempts = cellsOf(who).map(({ attempt }) => attempt);
      expect(attempts.filter((one, at) => attempts.indexOf(one) < at)).toEqual([]);
    }
  });
});

/** What others are done to as well comes last. */
const destroys = ({ attempt }: Cell): boolean => /^(delete|strip|terminate|take|stop)/.test(attempt);

/** Whatever is denied to everybody, an administrator may: it is well said, and there is something to do it to. */
describe('an administrator', () => {
  let arena: Arena;
  let credentials: Credentials;
  beforeAll(async () => {
    arena = await createArena(assemblies);
    await arena.during(bringPeople(arena.world).then(() => elevate(arena)));
    credentials = await arena.during(credentialsOf(arena.world, 'an administrator'));
  });
  afterAll(() => arena.close());

  const all = new Set(ATTACKERS.flatMap(cellsOf));
  const without = [...all].filter(({ residue, right, rightBy }) => !residue && (!right || rightBy));
  const order = without.sort((a: Cell, b: Cell) => Number(destroys(a)) - Number(destroys(b)));

  test.each(UNSPEAKABLE)('may not either: $what', async ({ deed, error }) => {
    expect(await end(arena, credentials, deed)).toMatchObject({ allowed: false, name: error });
  });

  test.each(order)('may $attempt', async ({ deed, right }) => {
    expect(await end(arena, credentials, right ?? deed)).toMatchObject({ allowed: true, message: '' });
  });
});
