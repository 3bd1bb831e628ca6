import { describe, expect, test } from '@jest/globals';
import type { InvokeResult } from '../../local/world';
import { rightBefore } from '../functions/midRun';
import { SETTLED, somebodyDeletes, somebodyMakes, somebodyReplaces } from '../functions/worlds';
import { askIam, bystander, kinds } from '../support/bystanders';
import { around } from '../support/faulty';
import { INSTANCE, type Stage } from '../support/stage';
import { type Course, createScene, elevate, errorsIn, minutes, stoppedIn, type WitnessOptions } from './crowd';

const BOOM: InvokeResult = { functionError: { errorType: 'Boom', errorMessage: 'thrown by the test' } };

const STATES = [
  ...['RehearseUndo', 'CreateTempRole', 'SwapProfile', 'WaitAssociated'],
  ...['ProveIdentity', 'SendScript', 'AwaitScript'],
];

const once: Course = (stage) => elevate(stage);
const twice: Course = async (stage) => {
  await elevate(stage);
  await elevate(stage, minutes(1), { grant: 'read-bucket-prefix' });
};

const CASES: Record<string, [Course, WitnessOptions]> = {
  'two elevations in a row': [twice, {}],
  'a script that fails': [(stage) => elevate(stage, { shell: ['sleep 30', 'exit 7'] }), {}],
  'no elevation, and credentials of an hour: the control': [
    (stage) => stage.pass(3_600),
    { delays: { instanceCredentials: 3_600_000 }, newEverySeconds: 60, hoursAfter: 2 },
  ],
  ...Object.fromEntries(
    STATES.flatMap((state) => [
      [`a function that throws in ${state}`, [once, { wrapLauncher: around(state, async () => BOOM) }]],
      [`an execution that is stopped in ${state}`, stoppedIn(state)],
    ]),
  ),
  'an execution that is stopped in Restore': stoppedIn('Restore'),
};

describe('with `inherit` no process on the instance sees an error', () => {
  test.each(Object.entries(CASES))('%s', async (_, circumstances) => {
    expect(await errorsIn(circumstances)).toEqual({});
  });
});

// The role drains from the moment only at which nobody carries it any more.
test('an instance that had to keep the temp profile, until somebody gave it another', async () => {
  let stage: Stage;
  const wrapLauncher = rightBefore('AwaitScript', () => somebodyDeletes(stage, 'app'));
  stage = await createScene({ wrapLauncher });
  expect(await elevate(stage)).toMatchObject({ error: 'OriginalGone' });
  await somebodyMakes(stage, 'next');
  await stage.pass(24 * 3_600);
  const ask = askIam(stage.aws.world, 'ssm:UpdateInstanceInformation', '*');
  const processes = kinds.map((kind) => bystander(kind, stage.aws, INSTANCE, ask));
  await stage.pass(SETTLED);
  await somebodyReplaces(stage, 'next');
  await stage.pass(8 * 3_600);
  expect(processes.flatMap(({ errors }) => errors)).toEqual([]);
});
