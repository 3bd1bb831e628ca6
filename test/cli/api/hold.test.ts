import { describe, expect, test } from '@jest/globals';
import { stepup as administrator } from '../../support/command';
import { createStage, INSTANCE, type Stage } from '../../support/stage';
import { stateOf } from '../../support/worldState';
import { requester } from './asRequester';

const HOLD = ['hold', '--instance', INSTANCE, '--grant', 'run-remote-script', '--for'];
const own = async (stage: Stage) => (await stateOf(stage)).associations.map(({ profile }) => profile.split('/').at(-1));
const nameIn = (err: string) => /^0[0-9a-f-]{52}$/m.exec(err)?.[0] ?? '';

/** Ctrl-C so many seconds after the command began; several of them, too. */
const interrupts =
  (stage: Stage, ...seconds: number[]) =>
  (listener: () => void) => {
    const ends = seconds.map((after) => stage.clock.after(after * 1_000, listener));
    return () => {
      for (const end of ends) end();
    };
  };

describe('stepup hold', () => {
  test('until its time is over: 0, and told what is left of it', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const { code, out, err } = await stepup([...HOLD, '20m', '--reason', 'ticket 4711']);
    expect([code, out]).toEqual([0, '']);
    const name = nameIn(err);
    expect(err).toMatch(
      new RegExp(`Held until \\d\\d:\\d\\d:\\d\\d UTC; \`stepup release ${name} --instance ${INSTANCE} --grant run-`),
    );
    expect(err).toMatch(/15 min left\n5 min left\n1 min left\n +[\d.]+ s {2}Restore/);
    expect(err).toContain('✔ Done: the hold is over.\n');
    expect(await own(stage)).toEqual(['app']);
    const { out: after } = await stepup(['status', name]);
    expect(after).toMatch(/^Outcome +✔ Done: the hold is over\.$/m);
    expect(after).not.toContain('Held until');
  });

  test('until somebody releases it: 0, and said who', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const { out } = await stepup([...HOLD, '45m', '--detach']);
    const name = out.trim();
    await stage.pass(120);
    expect((await stepup(['status', name])).out).toMatch(/^State +Hold: .*\nHeld until +2026-\d\d-\d\dT[\d:.]+Z$/m);
    const released = await stepup(['release', name]);
    expect(released).toMatchObject({
      code: 0,
      err: expect.stringMatching(/The hold was released by arn:\S+\/operator\/jane /),
    });
    expect(await own(stage)).toEqual(['app']);
    const again = await stepup(['release', name, '--json']);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.out)).toMatchObject({ hold: { releasedBy: expect.stringContaining('jane') } });
  });

  test('at a terminal the last line counts down', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const written: string[] = [];
    const err = (text: string) => void written.push(text);
    await stepup([...HOLD, '2m'], { err, isTerminal: true });
    const left = written.filter((text) => text.endsWith(' left'));
    expect(left.length).toBeGreaterThan(60);
    expect(left[0]).toMatch(/\[K {2}0[12]:\d\d left$/);
    // Whatever else is said takes that line away first.
    for (const [at, text] of written.entries()) {
      if (!text.startsWith('\r') && at > 0) expect(written[at - 1]).not.toMatch(/ left$/);
    }
  });
});

describe('Ctrl-C', () => {
  test('ends the watching, not the hold', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const { code, err } = await stepup([...HOLD, '45m'], { onInterrupt: interrupts(stage, 120) });
    expect([code, err]).toEqual([130, expect.stringContaining('The run goes on.')]);
    expect(err).toContain(`stepup release ${nameIn(err)} --instance ${INSTANCE}`);
    expect(await own(stage)).not.toEqual(['app']);
  });

  test('with --release-on-exit releases it, and waits for the restore', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    // npm passes the terminal's own on, at once.
    const onInterrupt = interrupts(stage, 120, 120.1);
    const { code, err } = await stepup([...HOLD, '45m', '--release-on-exit'], { onInterrupt });
    expect(err).toMatch(/Releasing\. Ctrl-C once more ends the waiting\.\n.*Restore.*released by arn:/s);
    expect(code).toBe(0);
    expect(await own(stage)).toEqual(['app']);
  });

  test('a second one ends the waiting, too, and says what goes on', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const onInterrupt = interrupts(stage, 120, 121);
    const { code, err } = await stepup([...HOLD, '45m', '--release-on-exit'], { onInterrupt });
    expect([code, err]).toEqual([
      130,
      expect.stringMatching(/It is being released\.\n {2}See how it stands: {2}stepup/),
    ]);
    const name = nameIn(err);
    expect(await stepup(['status', name, '--follow'])).toMatchObject({ code: 0 });
  });

  test('with --release-on-exit before the instance is held: 1, and it has its profile', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const onInterrupt = interrupts(stage, 8);
    const { code, err } = await stepup([...HOLD, '45m', '--release-on-exit'], { onInterrupt });
    expect([code, err]).toEqual([1, expect.stringContaining('✖ Released: ')]);
    expect(await own(stage)).toEqual(['app']);
  });
});

describe('what is no hold', () => {
  test.each([
    [['12m', '--detach', '--release-on-exit'], '--detach does not wait'],
    [['2d'], 'Give minutes, such as 30, 45m or 2h'],
    [['13h'], '--duration, or --for'],
  ])('%s', async (more, says) => {
    const { stepup } = await requester(await createStage());
    expect(await stepup([...HOLD, ...more])).toMatchObject({ code: 2, err: expect.stringContaining(says) });
  });

  test('without a URL the API is the one that the deployment names', async () => {
    const stage = await createStage();
    const { stepup } = await requester(stage);
    const denied = await stepup([...HOLD, '2m', '--detach'], { api: undefined });
    expect(denied).toMatchObject({
      code: 4,
      err: expect.stringMatching(/states:ListStateMachines.*\n.*: set STEPUP_API to its URL/),
    });
    const { code } = await administrator(stage, [...HOLD, '2m', '--detach']);
    expect(code).toBe(0);
  });
});
