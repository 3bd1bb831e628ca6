/** An HTTP request as the wire sees it, from a socket or from an SDK client in this process. */
export interface WireRequest {
  method: string;
  /** As sent: percent-encoded, without the query string. */
  path: string;
  /** As sent, without the question mark. */
  query: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Uint8Array;
}

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

export function xmlResponse(status: number, xml: string, headers: Record<string, string>): WireResponse {
  return { status, headers, body: bytes(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`) };
}
