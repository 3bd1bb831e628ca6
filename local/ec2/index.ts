import type { Ec2Port, World } from '../world';
import { Associations } from './associations';
import { Instances } from './instances';
import { associateIamInstanceProfile } from './operations/associateIamInstanceProfile';
import { describeIamInstanceProfileAssociations } from './operations/describeIamInstanceProfileAssociations';
import { describeInstances } from './operations/describeInstances';
import { disassociateIamInstanceProfile } from './operations/disassociateIamInstanceProfile';
import { replaceIamInstanceProfileAssociation } from './operations/replaceIamInstanceProfileAssociation';
import { startInstances } from './operations/startInstances';
import { stopInstances } from './operations/stopInstances';
import { terminateInstances } from './operations/terminateInstances';
import { findProfile } from './parameters';

const OPERATIONS = [
  associateIamInstanceProfile,
  describeIamInstanceProfileAssociations,
  describeInstances,
  disassociateIamInstanceProfile,
  replaceIamInstanceProfileAssociation,
  startInstances,
  stopInstances,
  terminateInstances,
];

/** EC2, as far as instance profiles are concerned: instances, their states, and what is associated with them. */
export function createEc2(world: World): Ec2Port {
  const associations = new Associations(world);
  const instances = new Instances(world, (instance, next) => associations.beforeChange(instance, next));
  return {
    operations: OPERATIONS.map((create) => create({ instances, associations })),
    close: () => instances.close(),
    instance: (id) => instances.get(id),
    instances: () => instances.list(),
    stopInstance: (id) => instances.begin('stop', id),
    startInstance: (id) => instances.begin('start', id),
    terminateInstance: (id) => instances.begin('terminate', id),
    addInstance: (options) => {
      const profile = options.profile === undefined ? undefined : findProfile(world, { Name: options.profile });
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
