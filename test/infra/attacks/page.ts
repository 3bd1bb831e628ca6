import { FUNCTION_NAMES } from '../../../infra/permissions';
import type { Attacker, Cell } from './cell';
import { ATTACKERS, cellsOf, PRINCIPALS } from './table';

/** Cells of the table in docs/security.md. */
export type Row = [who: string, against: string, attempts: string, stoppedBy: string, by: string];

const OTHERS = "another deployment's functions";
const shown = (who: Attacker): string => {
  if (who.startsWith('other:')) return OTHERS;
  return (FUNCTION_NAMES as string[]).includes(who) ? `\`${who}\`` : who;
};

/** Who tries this cell, in words. */
function peopleOf(cell: Cell): string {
  const who = ATTACKERS.filter((one) => cellsOf(one).includes(cell));
  const names = [...new Set(who.map(shown))];
  const missing = PRINCIPALS.filter((one) => !who.includes(one)).map(shown);
  if (who.length < PRINCIPALS.length / 2) return names.join(', ');
  return missing.length === 0 ? 'everyone' : `everyone but ${missing.join(', ')}`;
}

function rowOf(cell: Cell): Row {
  const { against, attempt, stoppedBy, residue, deed } = cell;
  const by = typeof deed === 'function' ? 'call' : 'evaluation';
  return [peopleOf(cell), against, attempt, residue ? `**nothing**: ${residue}` : (stoppedBy as string), by];
}

/** The table, as the documentation has it: attempts that differ in nothing else stand together. */
export function rows(): Row[] {
  const cells = [...new Set(ATTACKERS.flatMap(cellsOf))];
  const folded = new Map<string, Row>();
  for (const row of cells.map(rowOf)) {
    const [who, against, attempt, stoppedBy, by] = row;
    const key = JSON.stringify([who, against, stoppedBy, by]);
    const same = folded.get(key);
    folded.set(key, same ? [who, against, `${same[2]}; ${attempt}`, stoppedBy, by] : row);
  }
  return [...folded.values()];
}

export const asMarkdown = (row: Row): string => `| ${row.join(' | ')} |`;
