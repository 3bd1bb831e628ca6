import { CreateTags$, type CreateTagsRequest } from '@aws-sdk/client-ec2';
import { operation } from '../../world';
import type { Fleet } from '../fleet';
import { requireParameters } from '../parameters';
import { checkTagKeys, checkValues, instancesToTag, withTags } from '../tags';

export const createTags = (fleet: Fleet) =>
  operation<CreateTagsRequest, object>('ec2', CreateTags$, 'partial: instances only', (call) => {
    const input = requireParameters(call.input, 'Resources', 'Tags');
    checkTagKeys(input.Tags);
    checkValues(input.Tags);
    const instances = instancesToTag({ ...call, input }, fleet, 'CreateTags', input.Tags);
    const tagged = instances.map((instance) => withTags(instance, input.Tags));
    for (const [place, instance] of instances.entries()) instance.tags = tagged[place]!;
    return {};
  });
