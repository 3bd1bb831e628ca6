import { DESCRIBES, may, type Permission } from './permission';

/** Looks. */
export const waitAssociated = (): Permission[] => [
  may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations').on(DESCRIBES),
];
