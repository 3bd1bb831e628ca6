import { translate } from './awsErrors';
import type { Log } from './logging';

/**
 * Does what comes before the first change, and counts an error of it as a refusal: the run ends by it, and nothing was
 * changed. Not AwsUnavailable, which the machine tries again.
 */
export async function refusing<T>(log: Log, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    const { name: errorName } = translate(error);
    if (errorName !== 'AwsUnavailable') log.metrics({}, { as: 'ElevationsRefused', errorName });
    throw error;
  }
}
