/** One fault at one place: `site` is a visit of a state, `a.Restore#1`, or a call, `a.Restore/TagRole#2`. */
export interface Fault {
  site: string;
  kind: string;
}

/** What an exploration plays: a scenario, assumptions that do not hold, and faults. Everything else follows from it. */
export interface Schedule {
  scenario: string;
  /** Names of assumptions about AWS that are negated. */
  not: string[];
  /** Varies times and delays; 0: those of the scenario. */
  seed: number;
  faults: Fault[];
}

/** As it is printed, and given to `--replay`: `quick seed:7 not:listsAreCurrent a.Restore#1=stop a.Restore/TagRole#1=denied`. */
export const show = ({ scenario, not, seed, faults }: Schedule): string =>
  [
    scenario,
    ...(seed ? [`seed:${seed}`] : []),
    ...not.map((name) => `not:${name}`),
    ...faults.map(({ site, kind }) => `${site}=${kind}`),
  ].join(' ');

/** @throws Error when the text is no schedule */
export function parse(text: string): Schedule {
  const [scenario = '', ...words] = text.trim().split(/\s+/);
  const schedule: Schedule = { scenario, not: [], seed: 0, faults: [] };
  for (const word of words) {
    const [, key, value = ''] = /^(seed:|not:|\S+=)(\S+)$/.exec(word) ?? [];
    if (key === 'seed:') schedule.seed = Number(value);
    else if (key === 'not:') schedule.not.push(value);
    else if (key) schedule.faults.push({ site: key.slice(0, -1), kind: value });
    else throw new Error(`'${word}' is no part of a schedule: write SITE=KIND, not:ASSUMPTION or seed:NUMBER.`);
  }
  return schedule;
}
