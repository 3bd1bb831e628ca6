import { isAwsFailure } from '../failure';
import type { Surroundings } from '../surroundings';
import { type Answer, type ApiFailure, apiFailure, NotSent, notReached } from './failure';
import type { Signer } from './signer';

/** A zod schema, as far as an answer is read with it. */
interface Schema<T> {
  safeParse(value: unknown): { success: boolean; data?: T };
}

/** StepUp's API, as one caller. Every call throws ApiFailure. */
export interface Api {
  /** Ends with the stage. */
  url: string;
  region: string;
  /** Epoch ms by the API's clock, as its answers have it: that of this machine may be wrong. */
  now(): number;
  get<T>(path: string, schema: Schema<T>, query?: Record<string, string | undefined>): Promise<T>;
  /** Only what may be repeated: a release, or with an Idempotency-Key. */
  post<T>(path: string, schema: Schema<T>, request?: { key: string; body: object }): Promise<T>;
}

interface Outgoing {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string;
}

type Around = Pick<Surroundings, 'clock' | 'fetch' | 'random'>;

/** Five attempts, waiting at most 0.5 + 1 + 2 + 4 s between them unless the API says how long. */
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 500;
const LONGEST_RETRY_AFTER_S = 60;
/** 502 and 504: the function died, or took longer than API Gateway waits. Each request may be repeated. */
const TRANSIENT = [429, 500, 502, 503, 504];
/** An answer's Date has whole seconds, and some time to travel. */
const SAME_TIME_MS = 2_000;

export function createApi(around: Around, signer: Signer, { url, region }: { url: string; region: string }): Api {
  let ahead = 0;
  const send = async <T>(outgoing: Outgoing, schema: Schema<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      const headers = await signer.sign({ ...outgoing, now: around.clock.now() }).catch((error) => {
        // Later ones may have none: whether an earlier one arrived is not known then.
        throw attempt === 1 && isAwsFailure(error) ? new NotSent(error) : error;
      });
      const { data, failure, retryAfter, date } = await once(around, headers, outgoing, schema);
      const differs = date - around.clock.now();
      if (!Number.isNaN(differs)) ahead = Math.abs(differs) > SAME_TIME_MS ? differs : 0;
      if (!failure) return data as T;
      const isTransient = failure.status === 0 || TRANSIENT.includes(failure.status);
      if (!isTransient || attempt === ATTEMPTS) throw failure;
      // Of many that were refused at the same time not all come back at the same time.
      const wait = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + around.random() / 2);
      await around.clock.sleep(Math.max(wait, retryAfter * 1_000));
    }
  };
  return {
    url,
    region,
    now: () => around.clock.now() + ahead,
    get: (path, schema, query = {}) => {
      // Not by URLSearchParams, which writes a blank as +: SigV4 takes that for a plus.
      const pairs = Object.entries(query).flatMap(([name, value]) =>
        value ? `${name}=${encodeURIComponent(value)}` : [],
      );
      const target = new URL([`${url}${path}`, ...(pairs.length > 0 ? [pairs.join('&')] : [])].join('?'));
      return send({ method: 'GET', url: target, headers: {} }, schema);
    },
    post: (path, schema, request) => {
      const headers: Record<string, string> = request
        ? { 'content-type': 'application/json', 'idempotency-key': request.key }
        : {};
      const body = request && JSON.stringify(request.body);
      return send({ method: 'POST', url: new URL(`${url}${path}`), headers, ...(body && { body }) }, schema);
    },
  };
}

interface Attempt<T> {
  data?: T | undefined;
  failure?: ApiFailure;
  /** Seconds, as the API asks; 0 if it does not. */
  retryAfter: number;
  /** When it was answered, epoch ms; NaN: nobody says. */
  date: number;
}

async function once<T>(
  { fetch }: Around,
  headers: Record<string, string>,
  outgoing: Outgoing,
  schema: Schema<T>,
): Promise<Attempt<T>> {
  const asked = { method: outgoing.method, url: outgoing.url.href };
  let answer: Answer;
  let retryAfter: number;
  let date: number;
  try {
    const response = await fetch(outgoing.url.href, { ...outgoing, headers });
    answer = { status: response.status, body: await response.text() };
    const seconds = Number(response.headers.get('retry-after'));
    retryAfter = Math.min(seconds || 0, LONGEST_RETRY_AFTER_S);
    date = Date.parse(response.headers.get('date') ?? '');
  } catch (error) {
    return { failure: notReached(error, asked), retryAfter: 0, date: Number.NaN };
  }
  const read = answer.status < 300 ? schema.safeParse(parse(answer.body)) : { success: false };
  const said = read.success ? { data: read.data } : { failure: apiFailure(answer, asked) };
  return { ...said, retryAfter, date };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
