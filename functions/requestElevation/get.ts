import type { Elevation } from '../../state-machine/api';
import { type Answer, answer } from './answer';
import type { Dependencies } from './dependencies';
import { type Found, readElevation } from './elevation';
import { elevationArn } from './executions';
import { wrongParameters, wrongQuery } from './fields';
import { Refusal, requireNone } from './problem';
import type { Call } from './routing';

/** GET …/elevations/{name} */
export async function getElevation(call: Call, deps: Dependencies): Promise<Answer> {
  return answer(200, (await findElevation(call, deps)) satisfies Elevation);
}

/**
 * The elevation that a path names. Whoever may ask for one grant on one instance sees no other's: what does not agree
 * with the path is answered like what does not exist.
 * @throws Refusal RequestInvalid, ElevationNotFound
 */
export async function findElevation(call: Call, deps: Dependencies): Promise<Elevation> {
  const { name = '', grant, instanceId } = requireOwn(call);
  deps.log.knows({ instanceId, grant });
  const executionArn = elevationArn(deps.config.elevationMachine, name);
  const found = await readElevation(executionArn, deps);
  if (!found || !agrees(found, call)) {
    throw new Refusal(
      'ElevationNotFound',
      `There is no elevation '${name}' of grant '${grant}' on ${instanceId}: GET /instances/${instanceId}/elevations has those that there are. Step Functions forgets 90 days after the end.`,
    );
  }
  deps.log.knows({ execution: executionArn });
  return found.elevation;
}

function requireOwn(call: Call): Record<string, string> {
  requireNone([...wrongParameters(call), ...wrongQuery(call)]);
  return call.parameters;
}

const agrees = ({ request }: Found, { parameters }: Call): boolean =>
  request.instanceId === parameters.instanceId && request.grant === parameters.grant;
