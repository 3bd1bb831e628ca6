import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import { around } from '../support/faulty';
import { createStage, INSTANCE, type Stage, type StageOptions } from '../support/stage';
import { CELLS, type Cell, rowOf } from './restore/cells';
import { ENDS, type End, type Ended, elevated, end, endOf, expectNoGrantLeft, recorder } from './restore/elevated';
import { arnOf, attachedNow, SETTLED } from './worlds';

/** The stage of a cell, on which every change that Restore asks for is recorded. */
function staged({ options, intercept, atRestore }: Cell) {
  const { asked, touched, intercept: record, start } = recorder();
  const more = intercept?.();
  let stage: Stage | undefined;
  let looked = false;
  const wrapLauncher: StageOptions['wrapLauncher'] = (launcher) => {
    const hooked = around('Restore', async (event, invoke) => {
      if (!looked && stage) await atRestore?.(stage);
      looked = true;
      return invoke(event);
    });
    return hooked(options?.wrapLauncher?.(launcher) ?? launcher);
  };
  const all: StageOptions = {
    ...options,
    wrapLauncher,
    intercept: (call, proceed) => record(call, more ? () => more(call, proceed) : proceed),
  };
  const watch = (on: Stage) => {
    stage = on;
    start(on);
  };
  return { all, asked, touched, watch };
}

/** Brings the world into the state of a cell, and lets the run end. */
async function played(cell: Cell, how: End) {
  const { all, asked, touched, watch } = staged(cell);
  const { stage, run } = await begun(cell, all);
  const temp = tempName(run);
  if (cell.closed) await end(stage, run, 'its own Restore');
  watch(stage);
  touched.clear();
  await cell.change?.(stage, temp);
  const ended = await (cell.closed
    ? recoveredAgain(stage, run)
    : end(stage, run, how, (restoring) => cell.meanwhile?.(stage, restoring)));
  return { stage, run, temp, asked, touched: [...touched], ended };
}

async function begun({ begin, before }: Cell, options: StageOptions): Promise<{ stage: Stage; run: string }> {
  if (!begin) return elevated(options, before);
  const stage = await createStage(options);
  return { stage, run: await begin(stage) };
}

async function recoveredAgain(stage: Stage, run: string): Promise<Ended> {
  const input = JSON.stringify({ execution: run });
  const again = { stateMachineArn: stage.machineArn('recovery'), input };
  const { executionArn } = await stage.aws.world.asRoot('states', 'StartExecution', again);
  const ended = await endOf(stage, executionArn);
  await stage.pass(SETTLED);
  return ended;
}

/** The profiles that are attached, by the names that the cells have for them. */
async function has(stage: Stage, temp: string): Promise<string[]> {
  const next = tempName(`${stage.machineArn('elevation').replace(':stateMachine:', ':execution:')}:next`);
  return (await attachedNow(stage)).map((text) => text.replace(temp, 'temp').replace(next, "next's"));
}

const spoken = (says: string, temp: string): string =>
  says
    .replaceAll('i-…', INSTANCE)
    .replace('profile temp,', `profile ${temp},`)
    .replace(/‹(\w+)›/g, (_, name: string) => arnOf(name));

async function recordOf({ aws: { world } }: Stage, temp: string): Promise<Cell['record']> {
  const { Roles } = await world.asRoot('iam', 'ListRoles', {});
  if (!Roles.some(({ RoleName }: { RoleName: string }) => RoleName === temp)) return 'none';
  const { Role } = await world.asRoot('iam', 'GetRole', { RoleName: temp });
  const marks = Role.Tags.map(({ Key }: { Key: string }) => Key);
  return marks.includes('stepup:draining-since') ? 'closed' : 'open';
}

const CASES = CELLS.flatMap((cell) =>
  ENDS.flatMap((how, place) => (cell.ends[place] === '–' ? [] : [{ cell, how, name: cell.name }])),
);

test.each(CASES)('$name, and $how ends the run', async ({ cell, how }) => {
  const { stage, temp, asked, touched, ended } = await played(cell, how);
  const { status, error, cause, outcome } = ended;
  expect(status === 'SUCCEEDED' ? 'success' : error).toBe(cell.ends[ENDS.indexOf(how)]);
  expect([cause, ...outcome.notes].join(' ')).toContain(spoken(cell.says, temp));
  expect(asked).toEqual(cell.does);
  expect(touched.filter((name) => name !== temp)).toEqual([]);
  expect(await has(stage, temp)).toEqual(cell.has);
  expect(await recordOf(stage, temp)).toBe(cell.record ?? 'closed');
  if (!cell.has.includes("next's associated")) await expectNoGrantLeft(stage);
  // IAM would delete a profile that an instance still carries.
  if (cell.has.includes('temp associated') && status === 'FAILED' && error !== 'InstanceNotRunning') {
    await stage.aws.world.asRoot('iam', 'GetInstanceProfile', { InstanceProfileName: temp });
  }
});

test('docs/design.md has a row for each of these cells, and no other', () => {
  const page = readFileSync(join(__dirname, '../../docs/design.md'), 'utf8');
  const [, table = ''] = page.split(/^\| the instance \|.*\n\|[-|]+\n/m);
  expect(table.slice(0, table.indexOf('\n\n')).split('\n')).toEqual(CELLS.map(rowOf));
});
