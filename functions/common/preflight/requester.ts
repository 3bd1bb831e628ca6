import type { Catalogue } from '../../../state-machine/catalogue';
import { globOf } from '../../../state-machine/patterns';
import { arnOfRequester, executionName, nameRequester, type Requester } from '../../../state-machine/requester';
import { parseExecution } from '../names';
import { grantOf } from '../policies';
import { type Check, refuse } from './check';

/**
 * Holds who asks against the grant's `requesters`, the second lock beside IAM. A direct start has no requester: whoever may
 * start executions is an administrator.
 * @throws StepUpError GrantNotFound, RequesterNotAllowed
 */
export function requireAdmitted(catalogue: Catalogue, grant: string, requester: Requester | undefined): void {
  const { requesters } = grantOf(catalogue, grant);
  if (!requester || !requesters) return;
  const arn = arnOfRequester(requester);
  if (requesters.some((pattern) => globOf(pattern).test(arn))) return;
  refuse(
    'RequesterNotAllowed',
    `Grant '${grant}' is for ${requesters.join(', ')}; ${arn} is not among them. Ask as one of these, or add to the grant's requesters and deploy.`,
  );
}

export const requester: Check = {
  title: 'Whoever asks is who the input says, and may ask for the grant',
  run: async ({ request, execution, deps }) => {
    const { requester } = request;
    // Only the API and runScheduled name executions like that: a start by hand does not pose as somebody by accident.
    if (requester && executionName(requester) !== parseExecution(execution.Id).name) {
      refuse(
        'RequestInvalid',
        `The input says that ${nameRequester(requester)} asks, and the execution's name is not theirs: leave 'requester' out. The API and schedules write it; a start by hand is recorded as one.`,
      );
    }
    requireAdmitted(deps.catalogue, request.grant, requester);
  },
};
