import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { drained, TEMP } from '../functions/sweeps';
import { stepup } from '../support/command';
import { createStage, INSTANCE, request } from '../support/stage';
import { stateOf } from '../support/worldState';

/** A stage with a run in the middle of its script. */
async function running() {
  const stage = await createStage();
  const run = await stage.start(request({ shell: ['sleep 3000'] }));
  await stage.pass(300);
  return { stage, run };
}

const rolesOf = async (stage: Parameters<typeof stateOf>[0]) => Object.keys((await stateOf(stage)).roles);

describe('stepup drains', () => {
  test('shows each role, its instance, its run, and until when it drains', async () => {
    const { stage, deleteAfter } = await drained();
    const { code, out } = await stepup(stage, ['drains']);
    const [head, role] = out.split('\n').map((line) => line.split(/ {2,}/));
    expect(code).toBe(0);
    expect(head).toEqual(['NAME', 'INSTANCE', 'RUN', 'STATE', 'DRAINS UNTIL']);
    const until = new Date(deleteAfter).toISOString();
    expect(role).toEqual([TEMP, INSTANCE, 'run-1', 'draining', until]);
    expect(JSON.parse((await stepup(stage, ['drains', '--json'])).out)).toEqual([
      { name: TEMP, instanceId: INSTANCE, run: 'run-1', state: 'draining', until },
    ]);
  });

  test('of nothing says so', async () => {
    const stage = await createStage();
    expect(await stepup(stage, ['drains'])).toEqual({ code: 0, out: '', err: 'No temp role is left.\n' });
    const ended = await stepup(stage, ['drains', 'end', '--all']);
    expect(ended).toEqual({ code: 0, out: '', err: 'Nothing drains.\n' });
  });
});

describe('stepup drains end', () => {
  test.each([[TEMP], ['--all']])('%s asks, and has the role deleted by the next sweep', async (which) => {
    const { stage, before } = await drained();
    let asked = '';
    const confirm = async (question: string) => {
      asked = question;
      return true;
    };
    const { code, err } = await stepup(stage, ['drains', 'end', which], { confirm });
    expect([code, asked]).toEqual([0, 'End the drain?']);
    expect(err).toContain('Processes on these instances that still hold credentials of these roles fail');
    expect(await rolesOf(stage)).toContain(TEMP);
    await stage.pass(20 * 60);
    expect(await rolesOf(stage)).toEqual(Object.keys(before.roles));
  });

  test('changes nothing when the answer is no, and does not ask with --yes', async () => {
    const { stage, deleteAfter } = await drained();
    const { code, err } = await stepup(stage, ['drains', 'end', '--all'], { confirm: async () => false });
    expect([code, err]).toEqual([2, expect.stringContaining('✖ Nothing was changed.')]);
    const until = async () => Date.parse(JSON.parse((await stepup(stage, ['drains', '--json'])).out)[0].until);
    expect(await until()).toBe(deleteAfter);
    const { out } = await stepup(stage, ['drains', 'end', '--all', '--yes', '--json']);
    expect(JSON.parse(out)).toEqual([TEMP]);
    expect(await until()).toBeLessThanOrEqual(stage.clock.now());
  });

  test('leaves a run that is not over alone', async () => {
    const { stage, run } = await running();
    const named = await stepup(stage, ['drains', 'end', TEMP, '--yes']);
    expect([named.code, named.err]).toEqual([
      2,
      expect.stringContaining(`✖ ${TEMP} is open: run 'run-1' on ${INSTANCE} still needs it.`),
    ]);
    const all = await stepup(stage, ['drains', 'end', '--all', '--yes']);
    expect([all.code, all.err]).toEqual([0, expect.stringMatching(/left alone:\n.*open.*Nothing drains\.\n$/s)]);
    await stage.during(stage.sfn.send(new StopExecutionCommand({ executionArn: run })));
    await stage.pass(30 * 60);
    expect((await stepup(stage, ['drains'])).out).toContain('draining');
  });

  test.each([
    [[], 'Name the roles, or say --all.'],
    [[TEMP, '--all'], 'Name the roles, or say --all.'],
    [['stepup-none', TEMP], "There is no temp role 'stepup-none': see `stepup drains`."],
  ])('%j is refused', async (argv, message) => {
    const { stage, deleteAfter } = await drained();
    const { code, err } = await stepup(stage, ['drains', 'end', '--yes', ...argv]);
    expect([code, err]).toEqual([2, expect.stringContaining(`✖ ${message}`)]);
    const [{ until }] = JSON.parse((await stepup(stage, ['drains', '--json'])).out);
    expect(Date.parse(until)).toBe(deleteAfter);
  });

  test('says in its help what it breaks, and what it needs', async () => {
    const stage = await createStage();
    const { out } = await stepup(stage, ['drains', 'end', '--help']);
    for (const said of ['--all', '--yes', '--deployment', '--region', 'iam:TagRole', 'until they refresh them']) {
      expect(out).toContain(said);
    }
  });
});
