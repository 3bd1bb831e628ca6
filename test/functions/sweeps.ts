import { expect } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import type { Swept } from '../../functions/sweep/swept';
import type { Intercept } from '../../local';
import { createStage, DEPLOYMENT, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { stateOf } from '../support/worldState';
import { putPolicy, SETTLED } from './worlds';

export const HOUR = 3600;
/** The first run that a stage starts, and its temp role. */
export const FIRST = `arn:aws:states:us-east-1:123456789012:execution:${DEPLOYMENT}-elevation:run-1`;
export const TEMP = tempName(FIRST);
export const TEMP_PATH = `/stepup/elevations/${INSTANCE}/${DEPLOYMENT}/`;

/** Sweeps between two turns of the schedule. */
export const sweepNow = (stage: Stage): Promise<Swept> => stage.during(sweeping(stage));

/** The same, for who lets time pass otherwise. */
export async function sweeping({ aws: { world } }: Stage): Promise<Swept> {
  const here = `us-east-1:${world.account}`;
  const rule = { service: 'events.amazonaws.com', sourceArn: `arn:aws:events:${here}:rule/${DEPLOYMENT}-sweep` };
  const result = await world.lambda.invoke(`arn:aws:lambda:${here}:function:${DEPLOYMENT}-sweep`, {}, rule);
  if ('functionError' in result) throw new Error(JSON.stringify(result.functionError));
  return result.payload as Swept;
}

/** Hears of every call that sweep makes; may make something else of it. */
export const ofSweep =
  (hear: (call: Parameters<Intercept>[0], proceed: () => Promise<unknown>) => Promise<unknown>): Intercept =>
  (call, proceed) =>
    call.principal.name?.endsWith('-sweep') ? hear(call, proceed) : proceed();

export const rolesOf = async (stage: Stage): Promise<string[]> => Object.keys((await stateOf(stage)).roles);

export const passUntil = (stage: Stage, time: number): Promise<void> => stage.pass((time - stage.clock.now()) / 1_000);

/** A stage on which one elevation has ended and its role drains. */
export async function drained(options: StageOptions = {}) {
  const stage = await createStage(options);
  const before = await stateOf(stage);
  const execution = await stage.ended(await stage.start(request()));
  expect(execution.status).toBe('SUCCEEDED');
  await stage.pass(SETTLED);
  const deleteAfter = Date.parse((await stateOf(stage)).roles[TEMP]?.tags['stepup:delete-after'] ?? '');
  return { stage, before, deleteAfter };
}

/** No event arrives: recover hears of nothing. */
export const deaf: StageOptions['wrapLauncher'] = ({ launch }) => ({
  launch: (fn, environment) =>
    fn.name.endsWith('-recover')
      ? { invoke: async () => ({ payload: {} }), close: () => undefined }
      : launch(fn, environment),
});

/** A stage on which one elevation was stopped in the middle of its script, and no event says so. */
export async function unheard(options: StageOptions = {}) {
  const stage = await createStage({ ...options, wrapLauncher: deaf });
  const before = await stateOf(stage);
  const run = await stage.start(request({ shell: ['sleep 3000'] }));
  await stage.pass(SETTLED);
  await stage.aws.world.asRoot('states', 'StopExecution', { executionArn: run });
  return { stage, before };
}

/** What a function does that wakes up long after its run was closed. */
export const grantAgain = (stage: Stage, role = TEMP): Promise<unknown> =>
  putPolicy(stage, role, 'stepup-grant', { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });

export async function somebodyMakesRole({ aws }: Stage, RoleName: string, Path: string, tags: Record<string, string>) {
  const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  await aws.world.asRoot('iam', 'CreateRole', {
    RoleName,
    Path,
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
}

/** A person makes the temp profile anew, which the restore had deleted. */
export async function somebodyMakesProfile({ aws: { world } }: Stage, name = TEMP, role = TEMP): Promise<void> {
  await world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: name, Path: TEMP_PATH });
  await world.asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: name, RoleName: role });
}
