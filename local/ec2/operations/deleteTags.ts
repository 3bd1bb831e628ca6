import { DeleteTags$, type DeleteTagsRequest } from '@aws-sdk/client-ec2';
import { operation } from '../../world';
import type { Fleet } from '../fleet';
import { requireParameters } from '../parameters';
import { checkTagKeys, instancesToTag, withoutTags } from '../tags';

export const deleteTags = (fleet: Fleet) =>
  operation<DeleteTagsRequest, object>('ec2', DeleteTags$, 'partial: instances only', (call) => {
    const input = requireParameters(call.input, 'Resources');
    const { Tags } = input;
    if (Tags) checkTagKeys(Tags);
    for (const instance of instancesToTag({ ...call, input }, fleet, 'DeleteTags', Tags ?? [])) {
      instance.tags = withoutTags(instance, Tags);
    }
    return {};
  });
