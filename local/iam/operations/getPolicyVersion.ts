import { GetPolicyVersion$, type GetPolicyVersionRequest, type GetPolicyVersionResponse } from '@aws-sdk/client-iam';
import { encoded } from '../answers';
import { onPolicy } from '../define';
import { noSuchEntity } from '../kinds';

export const getPolicyVersion = onPolicy<GetPolicyVersionRequest, GetPolicyVersionResponse>(
  GetPolicyVersion$,
  ({ arn, created, document, version }, { VersionId }) => {
    if (VersionId !== version) {
      throw noSuchEntity(`Policy ${arn} version ${VersionId} does not exist or is not attachable.`);
    }
    const Document = encoded(document.text);
    return { PolicyVersion: { Document, VersionId, IsDefaultVersion: true, CreateDate: created } };
  },
);
