import type { ElevationItem } from '../../state-machine/api';
import { refused } from '../failure';
import { newKey } from '../idempotencyKey';
import type { LastWords } from '../interruptible';
import type { RequestIn } from '../requestOptions';
import type { Surroundings } from '../surroundings';
import type { Api } from './client';
import { start } from './elevations';
import { ApiFailure } from './failure';

interface Starting {
  around: Surroundings;
  api: Api;
  lastWords: Pick<LastWords, 'say'>;
}

/** Asks for the elevation, and says by which key it is asked for again. */
export async function startByApi(
  { around, api, lastWords }: Starting,
  { instance, grant, key = newKey(around.clock.now()) }: { instance: string; grant: string; key?: string },
  requestIn: RequestIn,
): Promise<ElevationItem> {
  if (!/^[!-~]{1,255}$/.test(key)) throw refused('--key: at most 255 characters of ASCII, without blanks.');
  const again = `The same command with --key '${key.replaceAll("'", `'\\''`)}' is the same run.`;
  around.err(`${instance} with ${grant}, by ${api.url}\nIdempotency-Key: ${key}\n`);
  lastWords.say(`It is not known whether the run was started. ${again}`);
  try {
    const elevation = await start(api, key, requestIn(api.region));
    around.err(`${elevation.name}\n`);
    return elevation;
  } catch (error) {
    if (error instanceof ApiFailure && error.isLasting) lastWords.say('Nothing was started.');
    throw error;
  }
}
