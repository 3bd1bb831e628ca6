import type { HttpRequest } from '../world';

/** An HTTP request as the wire sees it, from a socket or from an SDK client in this process. */
export type WireRequest = HttpRequest;

export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** Thrown from `intercept`: the request may have done its work, but the answer never arrives. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  /** What Node reports for a socket that the server closed, and what the SDKs retry. */
  readonly code = 'ECONNRESET';
  constructor(message = 'socket hang up') {
    super(message);
  }
}

export const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
export const bytes = (value: string) => new Uint8Array(Buffer.from(value, 'utf8'));

export function escapeXml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What XML 1.0 can neither hold nor refer to. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * S3 refers to such a character all the same (`&#x1;`), which most parsers refuse (reports about boto3, s3cmd, Perl).
 * Unconfirmed: that EC2, IAM and STS do so, too.
 */
export function xmlResponse(status: number, xml: string, headers: Record<string, string>): WireResponse {
  const referring = xml.replace(NOT_XML, (character) => `&#x${character.charCodeAt(0).toString(16)};`);
  return { status, headers, body: bytes(`<?xml version="1.0" encoding="UTF-8"?>\n${referring}`) };
}
