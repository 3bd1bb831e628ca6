import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { AwsError, type Intercept } from '../../local';
import { createStage, DEPLOYMENT, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import { deleteRole, ENDS, elevated, end, expectNoGrantLeft } from './restore/elevated';
import {
  arnOf,
  attachedNow,
  putPolicy,
  SETTLED,
  somebodyDeletes,
  somebodyMakesAgain,
  somebodyTakesItOff,
} from './worlds';

async function recover(stage: Stage, input: object): Promise<string> {
  const again = { stateMachineArn: stage.machineArn('recovery'), input: JSON.stringify(input) };
  const { executionArn = '' } = await stage.during(stage.sfn.send(new StartExecutionCommand(again)));
  return executionArn;
}

/** An IAM administrator writes a tag of the record. */
const tag = ({ aws }: Stage, RoleName: string, Key: string, Value: string) =>
  aws.world.asRoot('iam', 'TagRole', { RoleName, Tags: [{ Key: `stepup:${Key}`, Value }] });

describe.each(ENDS)('the record was written by another hand, and %s ends the run', (how) => {
  test.each([
    ['original', 'none'],
    ['original', `${arnOf('theirs')} AIPAX arn:aws:iam::123456789012:role/theirs AROAX`],
    ['original', 'scribble'],
    ['instance-arn', 'arn:aws:ec2:us-east-1:123456789012:instance/i-0ffffffffffffffff'],
    ['execution', 'arn:aws:states:us-east-1:123456789012:execution:StepUp-us-east-1-elevation:another'],
  ])('%s is now %s: the history is believed, and a person is called', async (key, value) => {
    const { stage, run, temp } = await elevated();
    await tag(stage, temp, key, value);
    const { status, error, states } = await end(stage, run, how);
    expect([status, error, states.at(-1)]).toEqual(['FAILED', 'RecordTampered', 'RestoreFailed']);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
    // The instance is free again; the role stays for the person who looks into it.
    expect((await stage.ended(await stage.start(request()))).status).toBe('SUCCEEDED');
  });

  test.each([
    [
      ['draining-since', '2026-01-05T09:00:00.000Z'],
      ['delete-after', '2026-12-01T00:00:00.000Z'],
    ],
    [
      ['draining-since', '2026-01-05T09:00:00.000Z'],
      ['delete-after', 'scribble'],
    ],
    [['restoring-since', 'scribble']],
    [['restoring-since', '2020-01-01T00:00:00.000Z']],
  ])('as if it had begun to close, or had: the instance gets its profile back all the same', async (...tags) => {
    const { stage, run, temp } = await elevated();
    for (const [key, value] of tags) await tag(stage, temp, key as string, value as string);
    expect((await end(stage, run, how)).status).toBe('SUCCEEDED');
    expect(await attachedNow(stage)).toEqual(['app associated']);
    expect((await stateOf(stage)).roles[temp]?.tags['stepup:draining-since']).toBeDefined();
    await expectNoGrantLeft(stage);
  });

  test('the role was deleted and the instance is bare: the history is enough to put the original back', async () => {
    const { stage, run, temp } = await elevated();
    await deleteRole(stage, temp);
    await somebodyTakesItOff(stage);
    await stage.pass(30);
    await end(stage, run, how);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });
});

test.each(ENDS)('what was given back to a stopped instance is there when it starts (%s)', async (how) => {
  const { stage, run } = await elevated();
  stage.aws.world.ec2.stopInstance(INSTANCE);
  await end(stage, run, how);
  stage.aws.world.ec2.startInstance(INSTANCE);
  await stage.pass(SETTLED);
  expect(await attachedNow(stage)).toEqual(['app associated']);
});

test.each(ENDS)('what AWS denied comes back by itself when the denial is lifted (%s)', async (how) => {
  const { stage, run } = await elevated();
  const RoleName = `${DEPLOYMENT}-restore`;
  await putPolicy(stage, RoleName, 'narrow', { Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' });
  await stage.pass(60);
  const { error, cause } = await end(stage, run, how);
  expect(error).toBe('RestoreFailed');
  expect(cause).toMatch(/It keeps the profile stepup-\w+, without the grant\. Add the role that this names/);
  await expectNoGrantLeft(stage);
  await stage.pass(3_600);
  // One at a time, and each tries for ten minutes.
  expect((await stage.recoveries()).length).toBeLessThanOrEqual(6);
  await stage.aws.world.asRoot('iam', 'DeleteRolePolicy', { RoleName, PolicyName: 'narrow' });
  await stage.pass(1_800);
  expect(await attachedNow(stage)).toEqual(['app associated']);
  const { rest, draining } = withoutDraining(await stateOf(stage));
  expect([Object.keys(rest.profiles).sort(), Object.keys(draining)]).toEqual([
    [arnOf('app'), arnOf('theirs')],
    [expect.stringMatching(/^stepup-/)],
  ]);
});

describe('a run that was closed', () => {
  test.each([
    ['running', 'app associated'],
    ['stopped', 'app associating'],
  ])('and left the temp profile, gives back the original that was made again: %s', async (state, attached) => {
    const { stage, run } = await elevated();
    await somebodyDeletes(stage, 'app');
    await stage.pass(60);
    expect((await end(stage, run, 'its own Restore')).error).toBe('OriginalGone');
    await stage.pass(3_600);
    expect(await stage.recoveries()).toEqual([]);
    if (state === 'stopped') stage.aws.world.ec2.stopInstance(INSTANCE);
    await somebodyMakesAgain(stage, 'app');
    await stage.pass(1_800);
    expect(await attachedNow(stage)).toEqual([attached]);
  });

  test('may be recovered again: nothing is changed, whatever the instance has now', async () => {
    const { stage, run } = await elevated();
    await stage.ended(run);
    await stage.pass(SETTLED);
    await somebodyTakesItOff(stage);
    await stage.pass(SETTLED);
    const before = withoutDraining(await stateOf(stage));
    expect(await stage.ended(await recover(stage, { execution: run }))).toMatchObject({ status: 'SUCCEEDED' });
    expect(withoutDraining(await stateOf(stage))).toEqual(before);
  });

  test('and whose role has long drained leaves an instance bare that somebody bared', async () => {
    const { stage, run } = await elevated();
    await end(stage, run, 'a recovery');
    await stage.pass(8 * 3_600);
    await somebodyTakesItOff(stage);
    await stage.pass(SETTLED);
    expect(await stage.ended(await recover(stage, { execution: run }))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await attachedNow(stage)).toEqual([]);
  });
});

test.each([
  [
    'of an execution of another machine',
    { execution: 'arn:aws:states:us-east-1:123456789012:execution:Other-elevation:run-1' },
  ],
  ['of nothing', {}],
])('a recovery %s touches nothing, and fails at once', async (_, input) => {
  const stage = await createStage();
  const before = await stateOf(stage);
  const recovery = await recover(stage, input);
  await stage.pass(10);
  const { status, error, cause } = await stage.ended(recovery);
  expect([status, error]).toEqual(['FAILED', 'RestoreFailed']);
  expect(cause).toContain('RequestInvalid');
  expect(await stateOf(stage)).toEqual(before);
});

test('a recovery of a run that never was has nothing to undo, when no role has come up for over a minute', async () => {
  const stage = await createStage();
  const before = await stateOf(stage);
  const never = `arn:aws:states:us-east-1:123456789012:execution:${DEPLOYMENT}-elevation:never`;
  const began = stage.clock.now();
  expect(await stage.ended(await recover(stage, { execution: never }))).toMatchObject({ status: 'SUCCEEDED' });
  expect(stage.clock.now() - began).toBeGreaterThan(60_000);
  expect(await stateOf(stage)).toEqual(before);
});

describe('what AWS does not tell', () => {
  /** A stage on which one operation of Restore is answered by `answer`, while `switched.on`. */
  function mute(name: string, answer: () => Promise<never>) {
    const switched = { on: false };
    const intercept: Intercept = ({ operation, principal }, proceed) =>
      switched.on && operation === name && principal.name?.endsWith('-restore') ? answer() : proceed();
    return { switched, options: { intercept } satisfies StageOptions };
  }
  const silence = () => new Promise<never>(() => undefined);
  const refusing = (code: string, status: number) => async () => {
    throw new AwsError(code, 'said by the test', status);
  };

  test.each(['GetRole', 'TagRole', 'DeleteRolePolicy', 'ListCommands'])(
    '%s is not answered for an hour: the profile comes back at once, the run is closed afterwards',
    async (name) => {
      const { switched, options } = mute(name, silence);
      const { stage, run } = await elevated(options);
      switched.on = true;
      await stage.pass(600);
      expect(await attachedNow(stage)).toEqual(['app associated']);
      await stage.pass(3_600);
      switched.on = false;
      expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
      await expectNoGrantLeft(stage);
    },
  );

  test('IAM does not show the role yet, for a minute: it is closed all the same', async () => {
    const { switched, options } = mute('GetRole', refusing('NoSuchEntity', 404));
    const { stage, run, temp } = await elevated(options);
    switched.on = true;
    await stage.pass(575);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    switched.on = false;
    expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
    expect((await stateOf(stage)).roles[temp]?.tags['stepup:draining-since']).toBeDefined();
    await expectNoGrantLeft(stage);
  });

  test.each([
    ['denies', refusing('AccessDeniedException', 400)],
    ['does not answer', silence],
  ])('Step Functions %s the history: the record alone is followed, and that is said', async (_, answer) => {
    const { switched, options } = mute('GetExecutionHistory', answer);
    const { stage, run } = await elevated(options);
    switched.on = true;
    const { status, outcome } = await end(stage, run, 'a recovery');
    expect(status).toBe('SUCCEEDED');
    expect(outcome.notes).toContain(
      'Step Functions did not show the history of the run: the record alone was followed.',
    );
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
  });

  test('Step Functions denies the history twice: a record that was tampered with is not followed for that', async () => {
    let left = 2;
    const intercept: Intercept = ({ operation, principal }, proceed) => {
      if (operation !== 'GetExecutionHistory' || !principal.name?.endsWith('-restore') || left === 0) return proceed();
      left -= 1;
      return refusing('AccessDeniedException', 400)();
    };
    const { stage, run, temp } = await elevated({ intercept });
    await tag(stage, temp, 'original', `${arnOf('theirs')} AIPAX arn:aws:iam::123456789012:role/theirs AROAX`);
    expect((await end(stage, run, 'a recovery')).error).toBe('RecordTampered');
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });
});
