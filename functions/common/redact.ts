/** Shorter words are of any language: they are taken out only where they are a whole line or value of the requester's. */
const SHORTEST = 4;
/** So much of what is quoted, with its blanks, is no accident. */
const PHRASE = 8;
/** The rest of a longer message quotes. */
const LONGEST = 2_000;
/** Keys that are ours, not the requester's. */
const FIELDS = ['script', 'document', 'parameters', 'shell', 'powershell', 's3Script', 'url', 'commandLine'];
const WORD = /[\p{L}\p{N}_]+/gu;

/**
 * A message of somebody else (AWS, V8) without what the requester wrote: of script, parameters and reason every word, and
 * every piece that has more than letters; however the message escapes it, trims it or breaks it off.
 * @param request as it came, not yet validated
 * @param keep names that stay: of the document, and of the parameters that it declares
 */
export function withoutWork(message: string, request: unknown, keep: string[] = []): string {
  const said = plain(message.slice(0, LONGEST));
  const { work, reason } = (request ?? {}) as { work?: unknown; reason?: unknown };
  const texts = textsOf([work, reason]).filter((text) => ![...FIELDS, ...keep].includes(text));
  const theirs = texts.map(plain).join('\n');
  const kept = new Set(keep.flatMap((name) => name.match(WORD) ?? []));
  const out = [...wordsOf(said, theirs, kept), ...piecesOf(said, theirs), ...shortOf(said, texts)];
  const stays = [...said.matchAll(WORD)]
    .filter(([word]) => kept.has(word))
    .map(({ index, 0: { length } }) => [index, length]);
  const shown = said.split('');
  for (const [from = 0, length = 0] of out) shown.fill('…', from, from + length);
  for (const [from = 0, length = 0] of stays)
    for (let at = from; at < from + length; at += 1) shown[at] = said[at] ?? '';
  return shown.join('').replace(/…(?:[^\p{L}\p{N}…]{0,3}…)+/gu, '…');
}

/** Has an error say something else, also in its stack, where V8 wrote the first message. */
export function resay<E extends Error>(error: E, message: string): E {
  const { message: former, stack = '' } = error;
  const frames = stack.slice(stack.indexOf(former) + former.length).split('\n');
  error.message = message;
  error.stack = [`${error.name}: ${message}`, ...frames.filter((line) => line.startsWith('    at '))].join('\n');
  return error;
}

/** A place in a message, and how long it is. */
type Place = [number, number];

/** Words that are, or are part of, or contain one of theirs. */
function wordsOf(said: string, theirs: string, kept: Set<string>): Place[] {
  const words = [...new Set(theirs.match(WORD))].filter((word) => word.length >= SHORTEST && !kept.has(word));
  return [...said.matchAll(WORD)]
    .filter(([word]) => word.length >= SHORTEST)
    .filter(([word]) => theirs.includes(word) || words.some((one) => word.includes(one)))
    .map(({ index, 0: { length } }) => [index, length]);
}

/** What is no word alone: 'p@ss', '-p x', a path. */
function piecesOf(said: string, theirs: string): Place[] {
  return [SHORTEST, PHRASE].flatMap((size) => {
    const fits = (piece: string) =>
      piece.length === size && /[^\p{L}\p{N}_]/u.test(piece) && (size === PHRASE || !/\s/.test(piece));
    const pieces = new Set(Array.from(theirs, (_, at) => theirs.slice(at, at + size)).filter(fits));
    return Array.from({ length: said.length }, (_, at): Place => [at, size]).filter(([at]) =>
      pieces.has(said.slice(at, at + size)),
    );
  });
}

function shortOf(said: string, texts: string[]): Place[] {
  const lines = texts.flatMap((text) => text.split(/\r?\n/)).map((line) => plain(line).trim());
  const short = new Set(lines.filter((line) => line.length < SHORTEST && /[\p{L}\p{N}]/u.test(line)));
  return [...short].flatMap((line) => {
    const alone = new RegExp(
      `(?<![\\p{L}\\p{N}_])${line.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?![\\p{L}\\p{N}_])`,
      'gu',
    );
    return [...said.matchAll(alone)].map(({ index }): Place => [index, line.length]);
  });
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The same for a text as it is, in JSON and in XML, however often it was escaped; blanks are one blank. */
const plain = (text: string): string =>
  text
    .replace(/\\+u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\+[nrtbf]/g, ' ')
    .replace(/\\+/g, '')
    .replace(/&(?:amp;)*(amp|lt|gt|quot|apos);/g, (_, name) => ENTITIES[name] ?? '')
    .replace(/&(?:amp;)*#(x?)([0-9a-f]{1,4});/gi, (_, x, code) =>
      String.fromCharCode(Number.parseInt(code, x ? 16 : 10)),
    )
    .replace(/\s+/g, ' ');

/** Strings and keys, however deep a requester nested them: no recursion. */
function textsOf(value: unknown): string[] {
  const texts: string[] = [];
  const queue = [value];
  for (let next = queue.pop(); next !== undefined || queue.length > 0; next = queue.pop()) {
    if (typeof next === 'string') texts.push(next);
    else if (Array.isArray(next)) for (const one of next) queue.push(one);
    else if (typeof next === 'object' && next !== null) for (const pair of Object.entries(next)) queue.push(...pair);
  }
  return texts;
}
