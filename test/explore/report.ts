import { cost } from './cost';
import type { Verdict } from './judge';
import { CHECKS } from './promises';
import { parse } from './schedule';

/** What an exploring process tells: a verdict, or at its end what its schedules cost. */
export type Told = { verdict: Verdict } | { cost: typeof cost };

/** Counts of what happened at one place under one fault. */
export interface Cell {
  [outcome: string]: number;
}

/** Collects the verdicts of an exploration. */
export class Summary {
  passed = 0;
  failed = 0;
  missed = 0;
  /** By assumptions, '' for all that hold; then by check: how many schedules broke it. */
  readonly broken = new Map<string, Map<string, number>>();
  /** By assumptions: how many schedules there were. */
  readonly schedules = new Map<string, number>();
  /** By state, then by fault: only where all assumptions hold. */
  readonly cells = new Map<string, Map<string, Cell>>();
  /** How runs ended, by name. */
  readonly ends = new Map<string, number>();
  private readonly begun = performance.now();

  constructor(private readonly print: (line: string) => void) {}

  take(told: Told): void {
    if ('cost' in told) {
      for (const key of Object.keys(cost) as (keyof typeof cost)[]) cost[key] += told.cost[key];
      return;
    }
    const { verdict } = told;
    const { not, faults } = parse(verdict.schedule);
    const assumptions = not.join(' ');
    if (verdict.missed) this.missed += 1;
    this.schedules.set(assumptions, (this.schedules.get(assumptions) ?? 0) + 1);
    if (verdict.broken.length === 0) this.passed += 1;
    else this.complain(verdict, assumptions);
    const [fault] = faults;
    if (not.length === 0 && fault && faults.length === 1) this.count(fault.site, fault.kind, verdict);
  }

  /** Prints how it went, last the one line. @returns the exit code */
  close(): number {
    const seconds = (performance.now() - this.begun) / 1_000;
    const { schedules, calls, total, deploying, operations, judging } = cost;
    const each = (ms: number) => (ms / Math.max(1, schedules)).toFixed(1);
    const rest = total - deploying - operations - judging;
    this.print(
      `\n${schedules} schedules in ${seconds.toFixed(0)} s: ${(schedules / (total / 1_000)).toFixed(0)} a second on one core.`,
    );
    this.print(
      `One costs ${each(total)} ms of CPU for ${each(calls)} calls of AWS: ${each(deploying)} deploying the stack, ${each(operations)} inside the embedded AWS's operations, ${each(judging)} judging, ${each(rest)} in the SDK's clients, the wire, the functions and the state machines. Each process's cold start is left out.`,
    );
    if (this.missed > 0) this.print(`In ${this.missed} a fault was never met.`);
    this.print(`\n${this.passed} passed, ${this.failed} failed`);
    // Nothing played is nothing shown.
    return this.failed > 0 || this.passed === 0 ? 1 : 0;
  }

  private complain({ schedule, broken, ends }: Verdict, assumptions: string): void {
    this.failed += 1;
    const counts = this.broken.get(assumptions) ?? new Map<string, number>();
    this.broken.set(assumptions, counts);
    for (const key of new Set(broken.map(keyOf))) counts.set(key, (counts.get(key) ?? 0) + 1);
    this.print(`\n${schedule}  (${ends.join(', ')})`);
    for (const { promise, says, what } of broken) this.print(`  broken: promise ${promise}, ${says}: ${what}`);
    this.print(`  npm run explore -- --replay '${schedule}'`);
  }

  private count(site: string, kind: string, { ends, restoredBy }: Verdict): void {
    const state = stateOf(site);
    const faults = this.cells.get(state) ?? new Map<string, Cell>();
    this.cells.set(state, faults);
    const cell = faults.get(kind) ?? {};
    faults.set(kind, cell);
    const outcome = outcomeOf(ends, restoredBy);
    cell[outcome] = (cell[outcome] ?? 0) + 1;
    for (const end of ends) this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
  }
}

export const keyOf = ({ promise, says }: { promise: number; says: string }): string => `${promise} ${says}`;
export const KEYS = CHECKS.map(keyOf).sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10));

/** `a.recovery:Restore/TagRole#2` -> `recovery:Restore` */
const stateOf = (site: string): string => /^[^.]*\.([^/#]+)/.exec(site)?.[1] ?? site;

/** One letter each: docs/guarantee.md explains them. */
function outcomeOf(ends: string[], restoredBy: Verdict['restoredBy']): string {
  if (ends.every((end) => end === 'SUCCEEDED')) return 'S';
  return { 'nothing to undo': 'N', itself: 'F', recover: 'R', sweep: 'W' }[restoredBy];
}
