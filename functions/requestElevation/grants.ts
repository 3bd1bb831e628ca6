import type { Grants } from '../../state-machine/api';
import { type Answer, answer } from './answer';
import type { Dependencies } from './dependencies';
import { wrongQuery } from './fields';
import { requireNone } from './problem';
import type { Call } from './routing';

/** GET /grants: what may be asked for in this release. */
export async function listGrants(call: Call, { catalogue }: Pick<Dependencies, 'catalogue'>): Promise<Answer> {
  requireNone(wrongQuery(call));
  const grants: Grants['grants'] = Object.entries(catalogue.grants).map(
    ([name, { description, maxMinutes, documents, hold = true, requesters = null, policy }]) => ({
      ...{ name, description, maxMinutes, documents, hold, requesters },
      allows: policy.Statement,
    }),
  );
  return answer(200, { grants } satisfies Grants);
}
