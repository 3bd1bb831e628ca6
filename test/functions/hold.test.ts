import { describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import { requestSchema } from '../../state-machine/document';
import { endOfHold } from '../../state-machine/hold';
import { withGrants } from '../support/catalogue';
import { environment } from '../support/environment';
import { createStage, request, type Stage, type StageOptions } from '../support/stage';
import { byHand, upTo } from './byHand';
import { watch } from './midRun';

const MINUTE = 60_000;
const holdFor = (durationMinutes: number) => request({ hold: {} }, { durationMinutes });

/** A hold of which the instance has shown the temp role. */
async function proven(durationMinutes = 30) {
  const { stage, run } = await upTo('SendScript', {}, holdFor(durationMinutes));
  const expires = Date.parse((run.document.tempRole as { expires: string }).expires);
  return { stage, run, expires, proof: run.document.proof as { workSeconds: number } };
}

/** Lets time pass until so long before a moment. */
const until = (stage: Stage, moment: number, before: number) =>
  stage.pass((moment - before - stage.clock.now()) / 1_000);

describe('what a hold is begun with', () => {
  const capture = async (input: object, options: StageOptions = {}) => {
    const stage = await createStage(options);
    return byHand(stage, input).enter('CaptureProfile');
  };

  test('asks for no document, and sends no output anywhere', async () => {
    const { calls, intercept } = watch('DescribeDocument');
    const settings = {
      STEPUP_DEFAULT_OUTPUT: '{"cloudWatchLogGroup":"all"}',
      STEPUP_OUTPUT_LOCATIONS: '[{"cloudWatchLogGroup":"all"}]',
    };
    const wrapLauncher = environment(settings);
    const captured = await capture(holdFor(45), { intercept, wrapLauncher });
    expect(captured).toMatchObject({ done: true, durationMinutes: 45, output: null, timeoutParameter: null });
    expect(calls).toEqual([]);
    expect(await capture(request(), { wrapLauncher })).toMatchObject({ output: { cloudWatchLogGroup: 'all' } });
  });

  test('lasts as long as the grant lets it: the limit of a document is none of a hold', async () => {
    const wrapLauncher = withGrants({ maxMinutes: 720 });
    expect(await capture(holdFor(720), { wrapLauncher })).toMatchObject({ durationMinutes: 720 });
    await expect(capture(holdFor(61))).rejects.toMatchObject({ name: 'DurationTooLong' });
    expect(await capture(request({ hold: {} }))).toMatchObject({ durationMinutes: 30 });
  });

  test('is refused where the grant says so, and a script is not', async () => {
    const wrapLauncher = withGrants({ hold: false });
    await expect(capture(holdFor(30), { wrapLauncher })).rejects.toMatchObject({ name: 'HoldNotAllowed' });
    expect(await capture(request(), { wrapLauncher })).toMatchObject({ done: true });
    expect(await capture(holdFor(30), { wrapLauncher: withGrants({ documents: ['mend'] }) })).toMatchObject({
      done: true,
    });
  });

  test('has no output, and nothing in it', () => {
    const output = { s3: 's3://bucket/prefix/' };
    const faults = (input: object) => requestSchema.safeParse(input).error?.issues.map(({ path }) => path.join('.'));
    expect(faults(holdFor(30))).toBeUndefined();
    expect(faults({ ...holdFor(30), output })).toEqual(['output']);
    expect(faults({ ...request(), output })).toBeUndefined();
    expect(faults(request({ hold: { minutes: 5 } }))).toEqual(['work.hold']);
    expect(faults(request({ hold: {}, shell: ['x'] }))).toEqual(['work']);
  });
});

describe('how long it may take', () => {
  test('is what was asked for, and ends before the grant does', async () => {
    const { stage, run, expires, proof } = await proven();
    expect(proof.workSeconds).toBe(30 * 60);
    const { until: held } = await run.enter('Hold');
    expect(Date.parse(held)).toBe(stage.clock.now() + 30 * MINUTE);
    expect(expires - Date.parse(held)).toBeGreaterThan(MINUTE);
  });

  test('is what is left of the grant, if the way there took long', async () => {
    const { stage, run } = await upTo('ProveIdentity', {}, holdFor(30));
    const expires = Date.parse((run.document.tempRole as { expires: string }).expires);
    await until(stage, expires, 20 * MINUTE);
    const { workSeconds } = await run.enter('ProveIdentity');
    expect(workSeconds).toBeLessThanOrEqual(17 * 60);
    expect(workSeconds).toBeGreaterThan(16 * 60);
  });

  test('too little is no hold; of a script, sending it says so', async () => {
    const late = async (input: object) => {
      const { stage, run } = await upTo('ProveIdentity', {}, input);
      const expires = Date.parse((run.document.tempRole as { expires: string }).expires);
      await until(stage, expires, 4 * MINUTE - 1_000);
      return run;
    };
    await expect((await late(holdFor(30))).enter('ProveIdentity')).rejects.toMatchObject({
      name: 'CommandRejected',
      message: expect.stringContaining('too soon for a hold'),
    });
    const script = await late(request());
    expect(await script.enter('ProveIdentity')).toMatchObject({ done: true });
    await expect(script.enter('SendScript')).rejects.toMatchObject({ name: 'CommandRejected' });
  });
});

describe('the function', () => {
  test('returns until when it is held, and nothing else', async () => {
    const { run } = await proven();
    expect(Object.keys(await run.enter('Hold'))).toEqual(['until']);
  });

  test('holds nothing beyond the grant', async () => {
    const { stage, run, expires, proof } = await proven();
    await until(stage, expires, MINUTE + proof.workSeconds * 1_000);
    await run.enter('Hold');
    await stage.pass(1);
    await expect(run.enter('Hold')).rejects.toMatchObject({
      name: 'CommandRejected',
      message: expect.stringContaining('before a hold of 1800 s could'),
    });
  });

  test('holds nothing for a run that was restored, or redriven', async () => {
    const { stage, run } = await proven();
    await expect(run.enter('Hold', { redriveCount: 1 })).rejects.toMatchObject({ name: 'ElevationClosed' });
    const Tags = [{ Key: 'stepup:restoring-since', Value: '2026-01-05T09:00:00.000Z' }];
    await stage.aws.world.asRoot('iam', 'TagRole', { RoleName: tempName(run.executionArn), Tags });
    await stage.pass(120);
    await expect(run.enter('Hold')).rejects.toMatchObject({ name: 'ElevationClosed' });
  });

  test('sends no command, whatever state it is called for', async () => {
    const { run } = await proven();
    await expect(run.enter('SendScript')).rejects.toMatchObject({ name: 'RequestInvalid' });
  });
});

const released = (by: string, at: string) => ({ released: { by, at } });
const RELEASE = released('me', '2026-01-05T10:00:00Z');

test.each<[string, unknown, unknown]>([
  ['a release', RELEASE, RELEASE],
  ['its time was up', { Error: 'States.Timeout', Cause: '' }, 'expired'],
  ['another error', { Error: 'Lambda.Unknown', Cause: '' }, 'ended'],
  ['a name without end', released('x'.repeat(2_501), '2026-01-05T10:00:00Z'), 'ended'],
  ['no time', released('me', 'now'), 'ended'],
  ['a text', 'released', 'ended'],
  ['nothing', null, 'ended'],
])('the end of a hold: %s', (_what, hold, end) => expect(endOfHold(hold)).toEqual(end));
