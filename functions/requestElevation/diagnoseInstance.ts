import { type Answer, answer } from './answer';
import type { Dependencies } from './dependencies';
import { diagnose } from './doctor/diagnose';
import { wrongParameters, wrongQuery } from './fields';
import { requireNone } from './problem';
import type { Call } from './routing';

/** GET /instances/{instanceId}: why it cannot be elevated, or what is worth knowing before it is. */
export async function diagnoseInstance(call: Call, deps: Dependencies): Promise<Answer> {
  requireNone([...wrongParameters(call), ...wrongQuery(call)]);
  const { instanceId = '' } = call.parameters;
  deps.log.knows({ instanceId });
  return answer(200, await diagnose(instanceId, deps));
}
