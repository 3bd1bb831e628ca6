import { createHash } from 'node:crypto';

/** Identifiers in AWS's shapes. The same seed gives the same identifiers in the same order. */
export interface Ids {
  /** `n` lower-case hexadecimal digits, e.g. for `iip-assoc-` + hex(17). */
  hex(n: number): string;
  /** An IAM unique id: a prefix such as AROA, AIPA, AIDA or ANPA and 17 of [A-Z2-7]. */
  unique(prefix: string): string;
  /** 20 characters, one less than a unique id: AKIA (a user's or root's) or ASIA (temporary) and 16 of [A-Z2-7]. */
  accessKeyId(prefix: 'AKIA' | 'ASIA'): string;
  uuid(): string;
  /** A secret of `n` characters of the base64 alphabet. */
  secret(n: number): string;
}

/** Bytes that one hash gives: an extendable output costs little more than a short one. */
const BYTES_AT_ONCE = 2_048;

export function createIds(seed = 'stepup'): Ids {
  let count = 0;
  let left = Buffer.alloc(0);
  /** The next bytes of an endless stream. */
  const bytes = (n: number): Buffer => {
    while (left.length < n) {
      const more = createHash('shake256', { outputLength: BYTES_AT_ONCE }).update(`${seed}:${count++}`).digest();
      left = left.length === 0 ? more : Buffer.concat([left, more]);
    }
    const taken = left.subarray(0, n);
    left = left.subarray(n);
    return taken;
  };
  const hex = (n: number) =>
    bytes(Math.ceil(n / 2))
      .toString('hex')
      .slice(0, n);
  const base32 = (n: number) => Array.from(bytes(n), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte & 31]).join('');
  return {
    hex,
    unique: (prefix) => prefix + base32(17),
    accessKeyId: (prefix) => prefix + base32(16),
    uuid: () => hex(32).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5'),
    secret: (n) => bytes(n).toString('base64').replaceAll('=', 'x').slice(0, n),
  };
}
