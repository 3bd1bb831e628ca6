import { createHash } from 'node:crypto';

/** Identifiers in AWS's shapes. The same seed gives the same identifiers in the same order. */
export interface Ids {
  /** `n` lower-case hexadecimal digits, e.g. for `iip-assoc-` + hex(17). */
  hex(n: number): string;
  /** An IAM unique id: a prefix such as AROA, AIPA, AIDA, ANPA, ASIA or AKIA and 17 of [A-Z2-7]. */
  unique(prefix: string): string;
  uuid(): string;
  /** A secret of `n` characters of the base64 alphabet. */
  secret(n: number): string;
}

export function createIds(seed = 'stepup'): Ids {
  let count = 0;
  const digest = () => createHash('sha512').update(`${seed}:${count++}`).digest();
  const hex = (n: number) => digest().toString('hex').slice(0, n);
  return {
    hex,
    unique: (prefix) =>
      prefix + Array.from(digest().subarray(0, 17), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte & 31]).join(''),
    uuid: () => hex(32).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5'),
    secret: (n) => {
      let text = '';
      while (text.length < n) text += digest().toString('base64').replaceAll('=', '');
      return text.slice(0, n);
    },
  };
}
