import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ASSEMBLY } from '../../support/deployed';
import { SCENARIOS } from '../scenarios';
import { parse } from '../schedule';
import { mutatedSources, mutatedTemplate } from './apply';
import { source } from './removal';
import { MUTATIONS } from './table';

const ROOT = join(__dirname, '..', '..', '..');

/** Rows of docs/design.md's table: the first cell, and the last. */
function documented(): [name: string, foundBy: string][] {
  const text = readFileSync(join(ROOT, 'docs', 'design.md'), 'utf8');
  const [, section = ''] = text.split('\n## Protections\n');
  const [body = ''] = section.split('\n## ');
  const rows = body.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) => {
    const cells = row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
    return [cells[0] as string, cells.at(-1) as string];
  });
}

describe('the table of protections', () => {
  test.each(MUTATIONS)('$name is where it says', ({ remove, hints = [] }) => {
    expect(remove).not.toEqual([]);
    mutatedSources(remove, ROOT);
    mutatedTemplate(remove, ASSEMBLY);
    for (const hint of hints) expect(Object.keys(SCENARIOS)).toContain(parse(hint).scenario);
  });

  test('what is to be found has a schedule that finds it', () => {
    const without = MUTATIONS.filter(({ hints, unfound }) => !hints === !unfound);
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  test('has the lines of docs/design.md, in their order', () => {
    expect(MUTATIONS.map(({ name, unfound }) => [name, unfound ? `nothing: ${unfound}` : 'a promise'])).toEqual(
      documented().map(([name, by]) => [name, by.startsWith('nothing: ') ? by : 'a promise']),
    );
  });
});

test('a protection that has moved is said', () => {
  const gone = source('functions/sweep/sweep.ts', 'there is nothing like this');
  expect(() => mutatedSources([gone], ROOT)).toThrow('The table is out of date');
  expect(() => mutatedTemplate([{ change: () => undefined }], ASSEMBLY)).toThrow('The table is out of date');
});
