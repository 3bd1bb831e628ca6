import { Readable } from 'node:stream';
import { bytes, type WireRequest, type WireResponse } from './message';

/** The request of an SDK client, as smithy's HttpHandler gets it. */
interface SdkRequest {
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

interface SdkResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: Uint8Array | Readable;
}

/** smithy's HttpHandler, as far as the SDK's clients call it. */
export interface InProcessHandler {
  metadata: { handlerProtocol: string };
  /** `abortSignal` is an AbortSignal; smithy's own type also has one of before there was a standard. */
  handle(request: SdkRequest, options?: { abortSignal?: unknown }): Promise<{ response: SdkResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
  destroy(): void;
}

function queryString(query: SdkRequest['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value ?? ''].map(encodeURIComponent).join('=')),
  );
  return pairs.join('&');
}

async function bodyOf(body: unknown): Promise<Uint8Array> {
  // A plain copy: the SDK's own subclass warns when it is taken for text.
  if (body instanceof Uint8Array) return new Uint8Array(body);
  if (body instanceof Readable) return new Uint8Array(Buffer.concat(await body.toArray()));
  return bytes(typeof body === 'string' ? body : '');
}

const lowerCase = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

/** Rejects when the client gives up; what was asked for may go on, as on a real connection. */
function unlessAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work;
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, aborted]);
}

/** S3's objects are streams to a client, whatever carries them; all other answers are read at once. */
function sdkResponse({ status, headers, body }: WireResponse, isS3: boolean): SdkResponse {
  return { statusCode: status, headers, body: isS3 ? Readable.from([Buffer.from(body)]) : body };
}

export function inProcessHandler(answer: (request: WireRequest) => Promise<WireResponse>): InProcessHandler {
  const handle: InProcessHandler['handle'] = async (request, { abortSignal } = {}) => {
    const { method, path } = request;
    const wireRequest = { method, path, query: queryString(request.query), headers: lowerCase(request.headers) };
    const work = bodyOf(request.body).then((body) => answer({ ...wireRequest, body }));
    const response = await unlessAborted(work, abortSignal as AbortSignal | undefined);
    return { response: sdkResponse(response, 'x-amz-id-2' in response.headers) };
  };
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle,
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    destroy: () => {},
  };
}
