import { DeletePolicy$, type DeletePolicyRequest } from '@aws-sdk/client-iam';
import { AwsError } from '../../world';
import { holdersOf } from '../answers';
import { onPolicy } from '../define';
import { isOwn } from '../kinds';

export const deletePolicy = onPolicy<DeletePolicyRequest, object>(DeletePolicy$, (policy, _, store, call) => {
  if (!isOwn(store, policy)) {
    // Unconfirmed: the end of the text; AWS's own policies are denied to everybody.
    const text = `User: ${call.principal.arn} is not authorized to perform: iam:DeletePolicy`;
    throw new AwsError('AccessDenied', `${text} on resource: policy ${policy.arn}`, 403);
  }
  const { attached, bounded } = holdersOf(store.newest, policy);
  if (attached.length + bounded.length > 0) {
    throw new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
  }
  store.remove('policies', policy.key);
  return {};
});
