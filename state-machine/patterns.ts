/** IAM's patterns: `*` stands for any characters and `?` for one. */

const same = (a: string | undefined, b: string | undefined): boolean =>
  a === '?' || b === '?' || a?.toLowerCase() === b?.toLowerCase();

/** What a pattern begins with, up to its first wildcard. */
const beginning = (pattern: string): string => (/^[^*?]*/.exec(pattern)?.[0] ?? '').toLowerCase();

/** Most pairs are of two services: these need no closer look. */
function differFromTheStart(a: string, b: string): boolean {
  const [one, other] = [beginning(a), beginning(b)];
  return !one.startsWith(other) && !other.startsWith(one);
}

/**
 * Can one text match both patterns? In any case: IAM ignores it in actions. `possible[j]` says whether the rest of `a` and the
 * rest of `b` from j on can match the same: filled from the ends, so that many stars cost no more.
 */
export function overlap(a: string, b: string): boolean {
  if (differFromTheStart(a, b)) return false;
  let possible = Array.from({ length: b.length + 1 }, (_, j) => /^\**$/.test(b.slice(j)));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row: boolean[] = [];
    row[b.length] = a[i] === '*' && possible[b.length] === true;
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const star = a[i] === '*' || b[j] === '*';
      row[j] = Boolean(star ? possible[j] || row[j + 1] : possible[j + 1] && same(a[i], b[j]));
    }
    possible = row;
  }
  return possible[0] === true;
}

/**
 * Does every text that matches `inner` match `outer`, too? A wildcard of `inner` must meet one of `outer` that is as wide. Never
 * true without reason; for patterns as people do not write them (`*?` and `?*`) false without one.
 */
export function covers(outer: string, inner: string): boolean {
  let possible = Array.from({ length: inner.length + 1 }, (_, j) => j === inner.length);
  for (let i = outer.length - 1; i >= 0; i -= 1) {
    const row: boolean[] = [];
    row[inner.length] = outer[i] === '*' && possible[inner.length] === true;
    for (let j = inner.length - 1; j >= 0; j -= 1) {
      const one = outer[i] === '?' ? inner[j] !== '*' : outer[i] === inner[j];
      row[j] = Boolean(outer[i] === '*' ? possible[j] || row[j + 1] : one && possible[j + 1]);
    }
    possible = row;
  }
  return possible[0] === true;
}

/** As a regular expression; in any case if `flags` say so. */
export const globOf = (pattern: string, flags = ''): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    flags,
  );

/** With every `${…}` as wide as can be: what it stands for is not known here. */
export const withoutVariables = (pattern: string): string => pattern.replace(/\$\{[^}]*\}/g, '*');

/** As AWS has it, a string or a list, or nothing. */
export const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());
