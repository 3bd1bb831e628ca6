import { describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import type { Launcher } from '../../local';
import type { Credentials, InvokeResult } from '../../local/world';
import { FIRST } from '../functions/midRun';
import { askIam } from '../support/bystanders';
import { INSTANCE, request, type Stage } from '../support/stage';
import { createScene } from './crowd';
import { type Attempt, all, attemptsOf, furnish, GRANTS, outcomes } from './grantActions';

const HOUR = 3_600;
const DEATHS: Record<string, () => Promise<InvokeResult>> = {
  'never answers': () => new Promise(() => undefined),
  fails: async () => ({ functionError: { errorType: 'Dead', errorMessage: 'switched off by the test' } }),
};

/** From the first invocation in a state, or from its end, on nothing of StepUp works any more: no function, no rule, no sweep. */
const deadFrom =
  (state: string, when: string, death = DEATHS.fails!) =>
  (launcher: Launcher): Launcher => {
    let dead = false;
    return {
      launch: (fn, environment) => {
        const running = launcher.launch(fn, environment);
        return {
          close: () => running.close(),
          invoke: async (event, context) => {
            const isIt = (event as { state?: { Name: string } }).state?.Name === state;
            dead ||= isIt && when === 'before';
            if (dead) return death();
            const answer = await running.invoke(event, context);
            dead = isIt;
            return dead ? death() : answer;
          },
        };
      },
    };
  };

const credentialsNow = ({ aws }: Stage): Credentials | undefined => aws.world.imds.credentials(INSTANCE)?.credentials;

/** What the instance has of its own: with `inherit` its data, with either baseline what SSM Agent needs. */
const baselineOf = ({ aws: { world } }: Stage, baseline: string): Attempt[] => [
  { what: 'ssm core', by: askIam(world, 'ssm:UpdateInstanceInformation', '*') },
  ...(baseline === 'inherit'
    ? [{ what: 'own data', by: askIam(world, 's3:GetObject', 'arn:aws:s3:::app-data/orders.csv') }]
    : []),
];

/** An elevation during which all of StepUp dies. @returns with the credentials that the temp role had right after the swap */
async function orphaned(wrapLauncher: (launcher: Launcher) => Launcher, more: object = {}) {
  const stage = await createScene({ wrapLauncher });
  await furnish(stage.aws);
  await stage.start(request({ shell: ['sleep 60'] }, { durationMinutes: 10, ...more }));
  const { world } = stage.aws;
  const isElevated = () => world.imds.credentials(INSTANCE)?.roleName === tempName(FIRST);
  for (let seconds = 0; seconds < 120 && !isElevated(); seconds += 1) await stage.pass(1);
  expect(isElevated()).toBe(true);
  const { Role } = await world.asRoot('iam', 'GetRole', { RoleName: tempName(FIRST) });
  const tag = Role.Tags.find(({ Key }: { Key: string }) => Key === 'stepup:expires');
  return { stage, held: credentialsNow(stage), expires: Date.parse(tag.Value) };
}

const until = (stage: Stage, time: number) => stage.pass((time - stage.clock.now()) / 1_000);

describe('a grant of which nobody takes care any more', () => {
  const moments = [
    ['SwapProfile', 'after'],
    ...['WaitAssociated', 'ProveIdentity', 'SendScript', 'AwaitScript'].flatMap((state) => [
      [state, 'before'],
      [state, 'after'],
    ]),
    ['Restore', 'before'],
  ] as [string, string][];

  test.each(moments.flatMap(([state, when]) => Object.keys(DEATHS).map((death) => [state, when, death] as const)))(
    'StepUp died in %s, %s its work, and %s: the grant ends on time, the baseline stays',
    async (state, when, death) => {
      const { stage, held, expires } = await orphaned(deadFrom(state, when, DEATHS[death]));
      const granted = attemptsOf(stage.aws, 'run-remote-script');
      const own = baselineOf(stage, 'inherit');
      const both = async (attempts: Attempt[]) => [
        await stage.during(outcomes(attempts, held)),
        await stage.during(outcomes(attempts, credentialsNow(stage))),
      ];
      const twice = (outcome: Record<string, string>) => [outcome, outcome];
      await until(stage, expires - 1_000);
      expect(await both(granted)).toEqual(twice(all(granted, 'allowed')));
      await until(stage, expires);
      expect(await both(granted)).toEqual(twice(all(granted, 'AccessDenied')));
      expect(await both(own)).toEqual(twice(all(own, 'allowed')));
      // Long after: with what the metadata service hands out then.
      await stage.pass(24 * HOUR);
      expect(credentialsNow(stage)?.accessKeyId).not.toBe(held?.accessKeyId);
      expect(await stage.during(outcomes(granted, credentialsNow(stage)))).toEqual(all(granted, 'AccessDenied'));
      expect(await stage.during(outcomes(own, credentialsNow(stage)))).toEqual(all(own, 'allowed'));
    },
  );

  test.each(GRANTS.flatMap((grant) => ['inherit', 'core'].map((baseline) => [grant, baseline] as const)))(
    '%s with baseline %s: every action of it ends',
    async (grant, baseline) => {
      const { stage, held, expires } = await orphaned(deadFrom('AwaitScript', 'before'), { grant, baseline });
      const granted = attemptsOf(stage.aws, grant);
      const own = baselineOf(stage, baseline);
      await until(stage, expires - 1_000);
      expect(await stage.during(outcomes([...granted, ...own], held))).toEqual(all([...granted, ...own], 'allowed'));
      await until(stage, expires);
      expect(await stage.during(outcomes(granted, held))).toEqual(all(granted, 'AccessDenied'));
      expect(await stage.during(outcomes(own, held))).toEqual(all(own, 'allowed'));
    },
  );
});
