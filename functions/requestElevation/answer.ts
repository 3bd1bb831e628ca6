/** What API Gateway makes an HTTP answer of. */
export interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** Nothing of it is for a cache, nor to be taken for anything but what it says it is. */
const HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

export const answer = (
  statusCode: number,
  body: object,
  headers: Record<string, string> = {},
  type = 'application/json',
): Answer => ({
  statusCode,
  headers: { 'Content-Type': type, ...HEADERS, ...headers },
  body: JSON.stringify(body),
});
