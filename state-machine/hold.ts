import { type Release, releaseSchema } from './document';
import { z } from './schema';

/** How a hold ended: by a release, because its time was up, or by somebody who sent something else to its token. */
export type EndOfHold = Release | 'expired' | 'ended';

/** What Step Functions gives to the Catch of a hold. */
const timedOut = z.object({ Error: z.literal('States.Timeout') });

/** @param hold $.hold of a run that has got past it */
export function endOfHold(hold: unknown): EndOfHold {
  const release = releaseSchema.safeParse(hold);
  if (release.success) return release.data;
  return timedOut.safeParse(hold).success ? 'expired' : 'ended';
}
