import { text } from './message';

/**
 * Takes apart an `aws-chunked` body with unsigned chunks (aws-facts-2 11.2): `5\r\nhello\r\n0\r\nname:value\r\n\r\n`.
 * @returns undefined for a body that does not end where its framing says
 */
export function decodeAwsChunked(
  body: Uint8Array,
): { content: Uint8Array; trailers: Record<string, string> } | undefined {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Uint8Array[] = [];
  let position = 0;
  for (;;) {
    const end = buffer.indexOf('\r\n', position);
    const size = end < 0 ? Number.NaN : Number.parseInt(text(buffer.subarray(position, end)), 16);
    if (Number.isNaN(size) || end + 2 + size > buffer.length) return undefined;
    position = end + 2;
    if (size === 0) break;
    chunks.push(buffer.subarray(position, position + size));
    position += size + 2;
  }
  const lines = text(buffer.subarray(position)).split('\r\n').filter(Boolean);
  const trailers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { content: new Uint8Array(Buffer.concat(chunks)), trailers: Object.fromEntries(trailers) };
}
