import { CreatePolicy$, type CreatePolicyRequest, type CreatePolicyResponse } from '@aws-sdk/client-iam';
import { wholePolicy } from '../answers';
import { define } from '../define';
import { checkSize, create } from '../kinds';
import { identityPolicy } from '../policyDocument';

export const createPolicy = define<CreatePolicyRequest, CreatePolicyResponse>(CreatePolicy$, (call, store) => {
  const { PolicyName, Path, Tags, PolicyDocument, Description } = call.input;
  const entity = create(store, call, 'policies', { path: Path, name: PolicyName!, tags: Tags });
  const document = identityPolicy(PolicyDocument!);
  checkSize([document.text], 6144, 'Cannot exceed quota for PolicySize: 6144');
  const policy = { ...entity, document, version: 'v1', description: Description };
  store.put('policies', policy);
  // Unconfirmed: no description, as in CreateRole's answer.
  return { Policy: { ...wholePolicy(store.newest, policy), Description: undefined } };
});
