import type { Ec2Port, ProfileView, World } from '../world';
import { Associations } from './associations';
import { Instances } from './instances';
import { associateIamInstanceProfile } from './operations/associateIamInstanceProfile';
import { createTags } from './operations/createTags';
import { deleteTags } from './operations/deleteTags';
import { describeIamInstanceProfileAssociations } from './operations/describeIamInstanceProfileAssociations';
import { describeInstanceStatus } from './operations/describeInstanceStatus';
import { describeInstances } from './operations/describeInstances';
import { describeTags } from './operations/describeTags';
import { disassociateIamInstanceProfile } from './operations/disassociateIamInstanceProfile';
import { replaceIamInstanceProfileAssociation } from './operations/replaceIamInstanceProfileAssociation';
import { startInstances } from './operations/startInstances';
import { stopInstances } from './operations/stopInstances';
import { terminateInstances } from './operations/terminateInstances';

const OPERATIONS = [
  associateIamInstanceProfile,
  createTags,
  deleteTags,
  describeIamInstanceProfileAssociations,
  describeInstances,
  describeInstanceStatus,
  describeTags,
  disassociateIamInstanceProfile,
  replaceIamInstanceProfileAssociation,
  startInstances,
  stopInstances,
  terminateInstances,
];

function seenProfile(world: World, name: string): ProfileView {
  const profile = world.iam.profileSeenByEc2(name);
  if (profile) return profile;
  const seconds = world.delays.iamPropagation / 1000;
  throw new Error(
    `EC2 sees no instance profile ${name}: it does so ${seconds} s of the world's time after IAM made it`,
  );
}

/** EC2, as far as instance profiles are concerned: instances, their states, and what is associated with them. */
export function createEc2(world: World): Ec2Port {
  const associations = new Associations(world);
  const instances = new Instances(world, (instance, next) => associations.beforeChange(instance, next));
  return {
    operations: OPERATIONS.map((create) => create({ instances, associations })),
    close: () => instances.close(),
    instance: (id) => instances.get(id),
    instances: () => instances.list(),
    stopInstance: (id, { hibernate = false } = {}) => instances.begin(hibernate ? 'hibernate' : 'stop', id),
    startInstance: (id) => instances.begin('start', id),
    terminateInstance: (id) => instances.begin('terminate', id),
    addInstance: (options) => {
      const profile = options.profile === undefined ? undefined : seenProfile(world, options.profile);
      const instance = instances.add(options);
      if (profile) associations.associate(instance, profile, 'associated');
      else associations.record(instance);
      return instance;
    },
    attachment: (id, at = world.clock.now()) => {
      const instance = instances.get(id);
      return instance && associations.attachment(instance, at);
    },
  };
}
