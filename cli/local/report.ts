import { card } from '../table';
import type { Elevation, Inventory } from './inventory';
import { KINDS, type Kind, NOT_COMPARED, type Thing } from './things';

const NOTHING = 'Left: nothing but what the account began with';

/** What is left of a session: everything in which the account differs from what it began with. */
export function leftOver(before: Inventory, after: Inventory): string {
  const known = new Set(before.elevations.map(({ name }) => name));
  const lines: [string, string][] = [
    ...after.running.map((execution): [string, string] => ['still running', execution]),
    ...changedProfiles(before, after),
    ...after.elevations.filter(({ name }) => !known.has(name)).map((it) => standing(it, after.at)),
    ...(Object.keys(KINDS) as Kind[]).flatMap((kind) => changesOf(kind, before, after)),
  ];
  if (lines.length === 0) return `${NOTHING} (not compared: ${NOT_COMPARED}).`;
  const clean = lines.every(([what]) => what === 'draining');
  const title = clean ? `${NOTHING}, and what goes by itself (not compared: ${NOT_COMPARED}):` : 'Left:';
  return `${title}\n${card(lines).replace(/^/gm, '  ')}`;
}

function changedProfiles(before: Inventory, after: Inventory): [string, string][] {
  const shown = (profile?: string) => profile ?? 'no profile';
  return [...after.profiles].flatMap(([id, now]): [string, string][] => {
    const then = before.profiles.get(id);
    const same = now === then || !before.profiles.has(id);
    return same ? [] : [['other profile', `${id} has ${shown(now)}; it began with ${shown(then)}`]];
  });
}

function standing({ name, instanceId, drainsUntil, marked }: Elevation, at: number): [string, string] {
  const busy = marked ? '; its profile still marks the instance as busy' : '';
  if (!drainsUntil) return ['open', `${name} of ${instanceId}: this elevation is not undone${busy}`];
  const hours = ((Date.parse(drainsUntil) - at) / 3_600_000).toFixed(1);
  return ['draining', `role ${name} of ${instanceId}, until ${drainsUntil}, in ${hours} hours of the account${busy}`];
}

function changesOf(kind: Kind, { things: then }: Inventory, { things: now }: Inventory): [string, string][] {
  const [before, after] = [then[kind], now[kind]];
  const names = (map: Map<string, Thing>, when: (name: string) => boolean) => [...map.keys()].filter(when);
  const isSame = (name: string) => before.get(name)?.id === after.get(name)?.id;
  const changes: [string, string[]][] = [
    ['made', names(after, (name) => !before.has(name))],
    ['removed', names(before, (name) => !after.has(name))],
    ['replaced', names(after, (name) => before.has(name) && !isSame(name))],
    ['changed', names(after, isSame).flatMap((name) => describeChange(name, before.get(name)!, after.get(name)!))],
  ];
  return changes
    .filter(([, found]) => found.length > 0)
    .map(([what, found]) => [what, `${found.length} ${found.length === 1 ? kind : KINDS[kind]}: ${enumerated(found)}`]);
}

/** NAME (tags, state running → stopped); nothing when nothing has changed. */
function describeChange(name: string, { contents: then }: Thing, { contents: now }: Thing): string[] {
  const words = Object.keys(now)
    .filter((word) => JSON.stringify(then[word]) !== JSON.stringify(now[word]))
    .map((word) => (Array.isArray(now[word]) ? word : `${word} ${then[word] ?? 'none'} → ${now[word] ?? 'none'}`));
  return words.length > 0 ? [`${name} (${words.join(', ')})`] : [];
}

const SHOWN = 20;

const enumerated = (names: string[]): string =>
  [...names.slice(0, SHOWN), ...(names.length > SHOWN ? [`and ${names.length - SHOWN} more`] : [])].join(', ');
