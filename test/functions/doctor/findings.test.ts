import { describe, expect, test } from '@jest/globals';
import { createStage, INSTANCE } from '../../support/stage';
import { AGENTS } from './agents';
import { both, diagnosisOf, findingOf, watchCalls } from './asking';
import type { Case } from './cases';
import { compare } from './elevations';
import { INSTANCES } from './instances';
import { ORIGINALS, RIGHTS } from './originals';
import { TOOLS } from './tools';

const COMMAND = /^(aws|stepup|npx|sudo|Restart-Service) /;

describe.each([
  ['the instance', INSTANCES],
  ['its agent', AGENTS],
  ['its profile', ORIGINALS],
  ['what it would take along', RIGHTS],
  ['who else gives it profiles', TOOLS],
])('%s', (_, cases) => {
  test.each(cases)('$world: $id is $status', async (one: Case) => {
    const { calls, intercept } = watchCalls();
    const stage = await createStage({ ...one.options, intercept: both(intercept, one.options?.intercept) });
    await one.arrange?.(stage);
    const before = calls.length;
    const said = await diagnosisOf(stage);
    const asked = calls.slice(before);

    const { status, finding, remedy, error } = findingOf(said, one.id);
    expect([status, error, finding]).toEqual([one.status, one.error ?? null, finding]);
    for (const words of one.says ?? []) expect(finding).toContain(words);
    for (const words of one.remedy ?? []) expect(remedy.join('\n')).toContain(words);
    // A line is a command, to be pasted, or has none.
    const lines = said.findings.flatMap((other) => other.remedy);
    expect(
      lines.filter((line) => /\b(aws [a-z]\w+ [a-z]|stepup |npx |systemctl)/.test(line) && !COMMAND.test(line)),
    ).toEqual([]);
    expect(said.findings.filter((other) => other.status === 'ok' && other.remedy.length > 0)).toEqual([]);
    expect(said.findings.filter((other) => other.status === 'failed' && other.remedy.length === 0)).toEqual([]);

    expect(asked.filter((call) => !/^(Describe|Get|List)/.test(call))).toEqual([]);
    expect(asked.filter((call, at) => asked.indexOf(call) !== at)).toEqual([]);
    // The rest is in doctor/elevations.slow.test.ts: an elevation that begins takes its time.
    if (one.error && one.id !== 'trust') await compare(stage, said);
  });
});

test('all is well', async () => {
  const said = await diagnosisOf(await createStage());
  expect(said).toMatchObject({
    instanceId: INSTANCE,
    elevatable: true,
    grants: ['run-remote-script', 'read-bucket-prefix'],
  });
  // Nobody can look at that.
  expect(said.findings.filter(({ status }) => status !== 'ok').map(({ id }) => id)).toEqual(['named-elsewhere']);
});
