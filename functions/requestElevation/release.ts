import { SendTaskSuccessCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { Elevation } from '../../state-machine/api';
import type { Release } from '../../state-machine/document';
import { nameRequester } from '../../state-machine/requester';
import { isAws } from '../common/awsErrors';
import { iso } from '../common/clock';
import { type Answer, answer } from './answer';
import { readBody } from './body';
import type { Dependencies } from './dependencies';
import { findElevation } from './get';
import { Refusal, requireNone } from './problem';
import { pointerTo } from './requestBody';
import type { Call } from './routing';
import { type Place, readPlace } from './timeline';

/** From here on the run restores, or has restored: to stop it would only hinder it. */
export const RESTORING: readonly string[] = [
  ...['Restore', 'Outcome', 'WaitToRestore', 'RestoreGaveUp'],
  ...['Succeeded', 'StepTimedOut', 'Refused', 'ElevationFailed', 'RestoreFailed'],
];

/** A hold that is entered is scheduled within a moment, and one that was released is left. */
const LOOKS = 4;
const LOOK_EVERY_MS = 500;

/**
 * POST …/release: ends a hold, as if its time were up; a run that is not held is stopped, and recover restores it. What
 * restores already, or has ended, is left alone: so it may be said again.
 */
export async function releaseElevation(call: Call, deps: Dependencies): Promise<Answer> {
  requireNoBody(call);
  const elevation = await findElevation(call, deps);
  if (elevation.status !== 'RUNNING') return answer(200, elevation);
  const by = nameRequester({ ...call.caller, key: '' });
  if (!(await release(elevation, by, deps))) return answer(202, elevation);
  return answer(202, await findElevation(call, deps));
}

/** @throws Refusal RequestInvalid: a body with something in it is meant for another route */
function requireNoBody(call: Call): void {
  if (call.body.trim() === '') return;
  const body = readBody(call);
  if ('wrong' in body) requireNone(body.wrong);
  const { value } = body as Extract<typeof body, { value: unknown }>;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  requireNone(
    isObject
      ? Object.keys(value).map((key) => ({ pointer: pointerTo([key]), detail: 'a release has no fields' }))
      : [{ pointer: '', detail: 'send no body, or {}' }],
  );
}

/** @returns whether anything was done */
async function release({ executionArn }: Elevation, by: string, deps: Dependencies): Promise<boolean> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const place = await readPlace(deps.sfn, executionArn);
    if (place && RESTORING.includes(place.state)) return look > 1;
    if (place?.state !== 'Hold') return stop(executionArn, by, place, deps);
    if (place.token && (await endHold(place.token, by, deps))) return true;
    await deps.clock.sleep(LOOK_EVERY_MS);
  }
  throw new Refusal('Unavailable', 'The hold is between two states: try again.', { headers: { 'Retry-After': '2' } });
}

/** @returns whether there was a hold to end: its time may be up, or somebody else was first */
async function endHold(taskToken: string, by: string, { sfn, clock }: Dependencies): Promise<boolean> {
  const output: Release = { released: { by, at: iso(clock.now()) } };
  try {
    await sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
    return true;
  } catch (error) {
    if (isAws(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) return false;
    throw error;
  }
}

/** Its event is told to recover, which gives the profile back and cancels the script. */
async function stop(
  executionArn: string,
  by: string,
  place: Place | undefined,
  { sfn }: Dependencies,
): Promise<boolean> {
  const cause = `Released by ${by} in state ${place?.state ?? 'Begin'}.`;
  await sfn.send(new StopExecutionCommand({ executionArn, error: 'Released', cause }));
  return true;
}
