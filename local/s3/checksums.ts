import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../world';
import { refuseUnsupported } from './store';

export const digest = (algorithm: 'md5' | 'sha1' | 'sha256', body: Uint8Array) =>
  createHash(algorithm).update(body).digest();

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [place, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * place);
  return bytes;
}

/** The reflected polynomial of CRC-64/NVME as two words, since bitwise operators have 32 bits. */
const [POLYNOMIAL_HIGH, POLYNOMIAL_LOW] = [0x9a6c9329, 0xac4bc9b5];

function crc64Table(): { high: Int32Array; low: Int32Array } {
  const table = { high: new Int32Array(256), low: new Int32Array(256) };
  for (let byte = 0; byte < 256; byte++) {
    let [high, low] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const carry = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (carry) [high, low] = [high ^ POLYNOMIAL_HIGH, low ^ POLYNOMIAL_LOW];
    }
    table.high[byte] = high;
    table.low[byte] = low;
  }
  return table;
}
const TABLE = crc64Table();

function crc64(body: Uint8Array): Buffer {
  let [high, low] = [-1, -1];
  for (const byte of body) {
    const place = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ TABLE.low[place]!;
    high = (high >>> 8) ^ TABLE.high[place]!;
  }
  return words(~high, ~low);
}

const ALGORITHMS = {
  CRC32: (body: Uint8Array) => words(crc32(body)),
  CRC64NVME: crc64,
  SHA1: (body: Uint8Array) => digest('sha1', body),
  SHA256: (body: Uint8Array) => digest('sha256', body),
};
export type Algorithm = keyof typeof ALGORITHMS;
export const isAlgorithm = (name: string): name is Algorithm => Object.hasOwn(ALGORITHMS, name);

/** What a request asks for by name. */
export function algorithmNamed(name: string | undefined): Algorithm | undefined {
  if (name === undefined || isAlgorithm(name)) return name;
  return void refuseUnsupported({ [`ChecksumAlgorithm ${name}`]: name }, []);
}

/** By the SDK's member names, in base64; of an object in parts with `-N` behind it. */
export type Checksum = { [Name in Algorithm as `Checksum${Name}`]?: string };
export const CHECKSUM_MEMBERS = Object.keys(ALGORITHMS).map((name) => `Checksum${name}` as keyof Checksum);

export const checksumOf = (algorithm: Algorithm, body: Uint8Array): string =>
  ALGORITHMS[algorithm](body).toString('base64');

/** Is it base64, of as many bytes as the algorithm yields? */
const isDigest = (sent: string, length: number) => {
  const bytes = Buffer.from(sent, 'base64');
  return bytes.length === length && bytes.toString('base64') === sent;
};

function checkMd5(sent: string, body: Uint8Array): void {
  const fields = { 'Content-MD5': sent };
  if (!isDigest(sent, 16)) {
    throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, fields);
  }
  if (digest('md5', body).toString('base64') !== sent) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
}

/** What the client sent, once it has been compared. @throws AwsError InvalidDigest, InvalidRequest, BadDigest */
export function verifiedChecksum(input: Checksum & { ContentMD5?: string }, body: Uint8Array): Checksum {
  const checksum: Checksum = {};
  for (const algorithm of Object.keys(ALGORITHMS) as Algorithm[]) {
    const sent = input[`Checksum${algorithm}`];
    if (sent === undefined) continue;
    const calculated = ALGORITHMS[algorithm](body);
    if (!isDigest(sent, calculated.length)) {
      const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
      throw new AwsError('InvalidRequest', `Value for ${header} header is invalid.`);
    }
    if (calculated.toString('base64') !== sent) {
      throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
    }
    checksum[`Checksum${algorithm}`] = sent;
  }
  if (input.ContentMD5 !== undefined) checkMd5(input.ContentMD5, body);
  return checksum;
}

/** A request whose model demands a checksum, but has no members for it. */
export interface Sent {
  headers: Record<string, string>;
  body: Uint8Array;
}

const CHECKSUM_HEADER = /^x-amz-checksum-(?!type$|algorithm$)/;

/** @throws AwsError InvalidRequest, BadDigest */
export function checkSent({ headers, body }: Sent): void {
  const names = Object.keys(headers).filter((name) => CHECKSUM_HEADER.test(name));
  const algorithms = names.map((name) => algorithmNamed(name.replace(CHECKSUM_HEADER, '').toUpperCase()));
  const ContentMD5 = headers['content-md5'];
  if (names.length === 0 && ContentMD5 === undefined) {
    const message = 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*';
    throw new AwsError('InvalidRequest', message);
  }
  const checksums = names.map((name, place) => [`Checksum${algorithms[place]}`, headers[name]]);
  verifiedChecksum({ ...Object.fromEntries(checksums), ContentMD5 }, body);
}
