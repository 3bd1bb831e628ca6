import { expect, test } from '@jest/globals';
import type { Elevation } from '../../state-machine/api';
import { type Answer, api, type Caller } from '../support/api';
import { createStage, makeProfile, type Stage } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';

const INSTANCES = Array.from({ length: 100 }, (_, i) => `i-0${String(i + 1).padStart(16, '0')}`);
const HOUR = 3_600;

const PATIENT = 3;
/** What the ten requests for an instance ask for, the patient ones first. */
const ASKED = [
  { work: { shell: ['sleep 30'] }, waitForInstanceMinutes: 1_440 },
  { work: { shell: ['exit 3'] }, waitForInstanceMinutes: 1_440 },
  { work: { hold: {} }, durationMinutes: 3, waitForInstanceMinutes: 1_440 },
  ...Array.from({ length: 7 }, (_, i) => ({ work: { shell: [`sleep ${i}`] } })),
];
/** How they end once it is their turn; the others succeed. */
const ENDS = ['SUCCEEDED', 'FAILED ScriptFailed', 'SUCCEEDED'];
const BUSY = 'FAILED InstanceBusy';
/** An account has a thousand roles, and all that begin at once make one each. */
const FULL = 'FAILED QuotaExceeded';

async function crowdedStage(): Promise<Stage> {
  const stage = await createStage();
  const { aws } = stage;
  await stage.during(
    (async () => {
      for (const id of INSTANCES) await makeProfile(aws, `app-${id}`);
      await aws.world.clock.sleep(60_000);
      for (const id of INSTANCES) {
        aws.world.ec2.addInstance({ id, profile: `app-${id}`, tags: { 'stepup:grants': 'run-remote-script' } });
      }
      await aws.world.clock.sleep(600_000);
    })(),
  );
  return stage;
}

/** As the command does: 429 and 503 are asked again, after the time that they say. */
async function insist(caller: Caller, stage: Stage, ...asked: Parameters<Caller['request']>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await caller.request(...asked);
    if ((answer.status !== 429 && answer.status !== 503) || tries > 60) return answer;
    const seconds = Number(answer.headers['retry-after']);
    expect(seconds).toBeGreaterThan(0);
    await stage.clock.sleep(seconds * 1_000 * (1 + Math.random()));
  }
}

test('a thousand requests at once, over a hundred instances: each ends as it should, and nothing is left', async () => {
  const stage = await crowdedStage();
  const caller = await stage.during(api(stage).unwaited());
  const before = await stateOf(stage);
  const requests = INSTANCES.flatMap((instance) => ASKED.map((body, i) => ({ instance, i, body })));
  const started = await stage.during(
    Promise.all(
      requests.map(({ instance, i, body }) =>
        insist(caller, stage, 'POST', `/grants/run-remote-script/instances/${instance}/elevations`, {
          headers: { 'Idempotency-Key': `${instance}.${i}` },
          body,
        }),
      ),
    ),
  );
  expect(started.map(({ status }) => status).filter((status) => status !== 202)).toEqual([]);
  expect(new Set(started.map(({ body }) => body.name)).size).toBe(requests.length);
  await stage.pass(3 * HOUR);

  const ends: Elevation[] = [];
  for (const { body } of started) ends.push((await stage.during(insist(caller, stage, 'GET', body.href))).body);
  const told = ends.map(({ status, outcome }) => `${status} ${outcome?.error ?? ''}`.trim());
  const wrong = requests.flatMap(({ instance, i }, n) => {
    const possible = [ENDS[i] ?? 'SUCCEEDED', FULL, ...(i >= PATIENT ? [BUSY] : [])];
    return possible.includes(told[n] as string) ? [] : [`${instance} ${i}: ${told[n]}`];
  });
  expect(wrong).toEqual([]);
  const served = requests.filter((_, n) => told[n] !== BUSY && told[n] !== FULL);
  expect(new Set(served.map(({ instance }) => instance)).size).toBe(INSTANCES.length);
  // 'already-back': it took Restore more than one visit, so throttled was EC2.
  const restored = ends.filter((_, n) => told[n] !== BUSY && told[n] !== FULL).map(({ outcome }) => outcome?.restored);
  expect(new Set(restored)).toEqual(new Set(['given-back', 'already-back']));

  const { rest } = withoutDraining(await stateOf(stage));
  expect(rest).toEqual(before);
  await stage.pass(10 * HOUR);
  expect(await stateOf(stage)).toEqual(before);
}, 1_200_000);
