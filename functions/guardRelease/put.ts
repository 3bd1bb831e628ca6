import type { Clock } from '../common/clock';
import type { Put } from './event';

/** After these, in ms, it is tried again. */
const RETRIES_AFTER = [1_000, 3_000, 10_000];
const TIMEOUT_MS = 5_000;

const BUCKET = 'cloudformation-custom-resource-response-[a-z0-9-]+';
/** S3 itself, of a region or without, old and new form. */
const S3 = 's3([.-](dualstack\\.)?[a-z]{2}(-[a-z]+)+-\\d+)?\\.amazonaws\\.com(\\.cn)?';
const ANSWERS = new RegExp(`^(${BUCKET}\\.${S3}/|${S3}/${BUCKET}/)`);

/**
 * Is this an object in one of CloudFormation's own buckets, one in each region?
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html names them. Unconfirmed: which
 * of S3's forms the URL has; so both.
 */
export const isCloudFormations = ({ protocol, username, host, pathname }: URL): boolean =>
  protocol === 'https:' && username === '' && ANSWERS.test(host + pathname);

/**
 * Puts it to nobody but CloudFormation, also if somebody else invokes the function. The URL is signed, hence a secret: no
 * error says more of it than its host.
 * @throws Error when the URL is refused, or when nobody takes it: Lambda then invokes the function twice more, and the answer
 * is found anew
 */
export const putTo =
  (clock: Clock, isAllowed = isCloudFormations): Put =>
  async (url, answer) => {
    const to = URL.parse(url);
    if (!to || !isAllowed(to)) {
      throw new Error(
        `The URL for the answer is not CloudFormation's: nothing was sent (${to?.host || 'no URL at all'}).`,
      );
    }
    const body = JSON.stringify(answer);
    for (let tries = 0; ; tries += 1) {
      try {
        // The URL is signed for an empty content type.
        const headers = { 'content-type': '' };
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const { ok, status } = await fetch(to, { method: 'PUT', headers, body, signal, redirect: 'error' });
        if (ok) return;
        throw new Error(`CloudFormation's URL answered ${status}`);
      } catch (error) {
        const wait = RETRIES_AFTER[tries];
        if (wait === undefined) throw error;
        await clock.sleep(wait);
      }
    }
  };
