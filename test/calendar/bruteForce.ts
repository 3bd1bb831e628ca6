/** What clocks show, minute by minute, read from the zone itself. */
export interface Minute {
  instant: number;
  minute: number;
  hour: number;
  day: number;
  month: number;
  /** 1-7, Sunday first. */
  weekday: number;
  year: number;
  /** Of this month. */
  lastDay: number;
  /** Is this what the clocks showed an hour or so ago, too? */
  again: boolean;
}

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

/** Every minute from one instant to another. Clocks are changed at quarters of an hour only. */
export function minutesIn(timeZone: string, from: number, to: number): Minute[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const seen = new Set<number>();
  const minutes: Minute[] = [];
  for (let quarter = from; quarter < to; quarter += QUARTER) {
    const shown = Date.parse(`${format.format(quarter).replace(' ', 'T')}Z`);
    for (let ms = 0; ms < QUARTER; ms += MINUTE) {
      const wall = new Date(shown + ms);
      const [year, month] = [wall.getUTCFullYear(), wall.getUTCMonth() + 1];
      minutes.push({
        instant: quarter + ms,
        minute: wall.getUTCMinutes(),
        hour: wall.getUTCHours(),
        day: wall.getUTCDate(),
        ...{ month, year },
        weekday: wall.getUTCDay() + 1,
        lastDay: new Date(Date.UTC(year, month, 0)).getUTCDate(),
        again: seen.has(wall.getTime()),
      });
      // An hour or two are all that clocks are set back by.
      seen.add(wall.getTime());
    }
  }
  return minutes;
}
