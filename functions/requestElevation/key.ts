import { randomBytes } from 'node:crypto';
import type { Wrong } from './problem';
import type { Call } from './routing';

export const KEY_HEADER = 'Idempotency-Key';

const BARE = /^(?!")[!-~]{1,255}$/;
/** A string of RFC 9651, as the draft of the header wants it: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
const KEY = /^[!-~]{1,255}$/;

/** The key of a request, bare or as a quoted string; one of its own if it has none, so that its name is known by its answer. */
export function keyOf({ header }: Call, now: number): { key: string; wrong: Wrong[] } {
  const values = header(KEY_HEADER.toLowerCase());
  if (values.length === 0) return { key: uuid7(now), wrong: [] };
  const keys = new Set(values.map(unquoted));
  const [key] = keys;
  if (keys.size > 1) return bad('there are several, and they differ: send one');
  if (key === undefined || !KEY.test(key)) return bad('1 to 255 visible ASCII characters, best a UUIDv7');
  return { key, wrong: [] };
}

const bad = (detail: string) => ({ key: '', wrong: [{ header: KEY_HEADER, detail }] });

function unquoted(value: string): string | undefined {
  if (BARE.test(value)) return value;
  return QUOTED.exec(value)?.[1]?.replace(/\\(["\\])/g, '$1');
}

/** RFC 9562, 5.7: milliseconds, then chance. Names that are made of them sort by time. */
export function uuid7(now: number, random: Buffer = randomBytes(10)): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  random.copy(bytes, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
