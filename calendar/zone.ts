const HOUR = 3_600_000;
/** What clocks were set by at once, and how far from UTC they are, is less: Samoa left out a day in 2011. */
const AROUND = [-36, -24, -12, 0, 12, 24, 36].map((hours) => hours * HOUR);

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const part = 'numeric';
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', era: 'short' },
    ...{ year: part, month: part, day: part, hour: part, minute: part, second: part },
  } as Intl.DateTimeFormatOptions);
  formats.set(timeZone, format);
  return format;
}

/** Is it a name of the IANA time zone database, in its own capitals? Offsets are none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Z][\w+-]*(\/[\w+-]+)*$/.test(name) || name.length > 50) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** For 'did you mean …?' */
export const timeZones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')];

/**
 * What clocks in the zone show at an instant (epoch ms): as epoch ms of that date and time in UTC.
 */
export function wallAt(instant: number, timeZone: string): number {
  if (timeZone === 'UTC') return instant;
  const parts = formatOf(timeZone).formatToParts(instant);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const seconds = Date.UTC(
    ...([value('year'), value('month') - 1, value('day')] as const),
    ...([value('hour'), value('minute'), value('second')] as const),
  );
  return seconds + (((instant % 1_000) + 1_000) % 1_000);
}

/**
 * When clocks in the zone show this: never if they are set forward over it, twice if they are set back over it.
 * @returns instants, the first one first
 */
export function instantsOf(wall: number, timeZone: string): number[] {
  if (timeZone === 'UTC') return [wall];
  const offsets = new Set(AROUND.map((distance) => wallAt(wall + distance, timeZone) - (wall + distance)));
  return [...offsets]
    .map((offset) => wall - offset)
    .filter((instant) => wallAt(instant, timeZone) === wall)
    .sort((a, b) => a - b);
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** As a person in the zone reads it: Sun 2026-03-29 03:30 +02:00. */
export function wallText(instant: number, timeZone: string): string {
  const wall = new Date(wallAt(instant, timeZone));
  const minutes = Math.round((wall.getTime() - instant) / 60_000);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const offset = [hours, rest].map((figure) => String(figure).padStart(2, '0')).join(':');
  const time = wall.toISOString().slice(0, 16).replace('T', ' ');
  return `${DAYS[wall.getUTCDay()]} ${time} ${minutes < 0 ? '-' : '+'}${offset}`;
}
