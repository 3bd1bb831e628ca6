import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { INSTANCE_CHECKS } from '../../../functions/common/preflight/check';
import { OF_THE_INSTANCE } from '../../../functions/common/preflight/checks';
import { EXAMINATIONS } from '../../../functions/requestElevation/doctor/diagnose';
import { AGENTS } from './agents';
import { INSTANCES } from './instances';
import { ORIGINALS, RIGHTS } from './originals';
import { TOOLS } from './tools';

const ids = EXAMINATIONS.map(({ id }) => id);

test('each finding has an entry in the runbook, in the same order', () => {
  const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'runbook.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith('The doctor')) ?? '';
  expect([...section.matchAll(/^### (.*)$/gm)].map(([, id]) => id)).toEqual(ids);
  const entries = section.split(/^### /m).slice(1);
  expect(entries.filter((text) => !/\*\*Means:\*\* .*\*\*Do:\*\* /s.test(text))).toEqual([]);
});

test('whatever the preflight asks of an instance the doctor asks, too, in the same order', () => {
  expect(OF_THE_INSTANCE.map(({ id }) => id)).toEqual(INSTANCE_CHECKS);
  const shared: readonly string[] = INSTANCE_CHECKS;
  expect(ids.filter((id) => shared.includes(id))).toEqual(INSTANCE_CHECKS);
});

test('each has a world in which it is not well', () => {
  const cases = [...INSTANCES, ...AGENTS, ...ORIGINALS, ...RIGHTS, ...TOOLS];
  const met = new Set(cases.filter(({ status }) => status !== 'ok').map(({ id }) => id));
  // One that does not exist is no diagnosis: unknown.test.ts.
  expect(ids.filter((id) => !met.has(id))).toEqual(['instance']);
});
