/** How much of a name must be there to be taken for its beginning. */
const ENOUGH = 4;

/** For 'did you mean …?': what the word is the beginning of, else what takes the fewest edits, a third of its letters at most. */
export function nearest(word: string, candidates: string[]): string | undefined {
  const [begun, ...others] = candidates.filter((candidate) => word.length >= ENOUGH && candidate.startsWith(word));
  if (begun && others.length === 0) return begun;
  const [best] = candidates
    .map((candidate) => ({ candidate, edits: editDistance(word, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  return best && best.edits <= Math.ceil(best.candidate.length / 3) ? best.candidate : undefined;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitute = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
