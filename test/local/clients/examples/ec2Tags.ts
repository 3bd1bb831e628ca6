import { expect } from '@jest/globals';
import { answers, type Chain, denied, refuses } from '../example';

const INSTANCE = 'i-0123456789abcdef0';
const Resources = [INSTANCE];
const ENROLMENT = { Key: 'stepup:grants', Value: 'run-remote-script' };
const enrolled = { Filters: [{ Name: 'tag-key', Values: ['stepup:*'] }] };

/** An instance that is enrolled by a tag, and let go again. */
export const ec2Tags: Chain = {
  service: 'ec2',
  seed: async ({ ec2 }) => {
    ec2.addInstance({ id: INSTANCE, tags: { Name: 'worker' } });
  },
  examples: [
    answers('CreateTags', { Resources, Tags: [ENROLMENT, { Key: 'ü ⛄', Value: '' }] }, {}),
    refuses(
      'CreateTags',
      { Resources, Tags: [{ Key: 'aws:x', Value: '' }] },
      'InvalidParameterValue',
      "Value ( aws:x ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use",
    ),
    denied('ec2', 'CreateTags', { Resources, Tags: [ENROLMENT] }),
    answers(
      'DescribeTags',
      { Filters: [{ Name: 'key', Values: ['stepup:*'] }] },
      { Tags: [{ ...ENROLMENT, ResourceId: INSTANCE, ResourceType: 'instance' }] },
    ),
    refuses(
      'DescribeTags',
      { Filters: [{ Name: 'colour', Values: ['x'] }] },
      'InvalidParameterValue',
      "The filter 'colour' is invalid",
    ),
    answers('DescribeInstances', enrolled, {
      Reservations: [expect.objectContaining({ Instances: [expect.objectContaining({ InstanceId: INSTANCE })] })],
    }),
    answers('DeleteTags', { Resources, Tags: [{ Key: ENROLMENT.Key }] }, {}),
    refuses('DeleteTags', { Resources: ['i-bad'] }, 'InvalidID', "The ID 'i-bad' is not valid"),
    answers('DescribeInstances', enrolled, { Reservations: [] }),
  ],
};
