import { GetPolicyVersion$, type GetPolicyVersionRequest, type GetPolicyVersionResponse } from '@aws-sdk/client-iam';
import { encoded, shownVersion } from '../answers';
import { onPolicy } from '../define';
import { noSuchEntity } from '../kinds';

export const getPolicyVersion = onPolicy<GetPolicyVersionRequest, GetPolicyVersionResponse>(
  GetPolicyVersion$,
  (policy, { VersionId }) => {
    if (VersionId !== policy.version) {
      throw noSuchEntity(`Policy ${policy.arn} version ${VersionId} does not exist or is not attachable.`);
    }
    return { PolicyVersion: { Document: encoded(policy.document.text), ...shownVersion(policy) } };
  },
);
