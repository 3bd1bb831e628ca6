import { LARGEST_REQUEST } from '../../state-machine/document';
import { Refusal, type Wrong } from './problem';
import type { Call } from './routing';

/** application/json, which is UTF-8 (RFC 8259): a charset may say so, and nothing else. */
const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*("utf-8"|utf-8)\s*)?;?$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Half a surrogate pair: no text of UTF-8 has it, and JSON's escapes can. */
const HALF = /\p{Surrogate}/u;

/** A request is five levels deep. */
const DEEPEST = 16;

/** A body that was read: its value, or what is wrong with it. */
export type Body = { value: unknown } | { wrong: Wrong[] };

/**
 * Reads a body of JSON in which every reader sees the same: no key twice, no `__proto__`, no half characters.
 * @throws Refusal MediaTypeNotSupported, InputTooLarge
 */
export function readBody(call: Call): Body {
  const types = call.header('content-type');
  if (types.length === 0 || !types.every((type) => JSON_TYPE.test(type))) {
    throw new Refusal(
      'MediaTypeNotSupported',
      'Send the body as application/json, in UTF-8, and say so in Content-Type.',
    );
  }
  const text = textOf(call);
  if (text === undefined) return wrong('it is not UTF-8');
  const scanned = parse(text);
  return 'value' in scanned ? scanned : wrong(scanned.why);
}

const wrong = (detail: string): Body => ({ wrong: [{ pointer: '', detail: `the body is not understood: ${detail}` }] });

/**
 * The text of a body.
 * @returns undefined when it is no text
 * @throws Refusal InputTooLarge: before anything else is looked at
 */
export function textOf({ body, isBase64 }: Call): string | undefined {
  const bytes = Buffer.byteLength(body, isBase64 ? 'base64' : 'utf8');
  if (bytes > LARGEST_REQUEST) {
    throw new Refusal(
      'InputTooLarge',
      `The request has more than ${LARGEST_REQUEST} bytes: put the script into S3 and use s3Script.`,
    );
  }
  if (!isBase64) return HALF.test(body) ? undefined : body;
  if (!BASE64.test(body)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(body, 'base64'));
  } catch {
    return undefined;
  }
}

function parse(text: string): { value: unknown } | { why: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // V8's message quotes the text.
    return { why: 'it is no JSON' };
  }
  const why = oddity(text);
  return why === undefined ? { value } : { why };
}

/** Strings, and what JSON is made of else, but for numbers and words, which do not matter here. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;

/** What JSON.parse takes and others take otherwise. The text is JSON. */
function oddity(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let name: string | undefined;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const names = open.at(-1);
      if (name === '__proto__') return 'a field is named __proto__';
      if (names?.has(name!)) return 'a field stands there twice';
      names?.add(name!);
    } else if (token !== ',') {
      name = JSON.parse(token) as string;
      if (HALF.test(name)) return 'a text has half a surrogate pair';
    }
    if (open.length > DEEPEST) return `it is more than ${DEEPEST} levels deep`;
  }
  return undefined;
}
