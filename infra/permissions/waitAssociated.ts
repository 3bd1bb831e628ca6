import { DESCRIBES, may, type Permissions } from './permission';

/** Looks. */
export const waitAssociated = (): Permissions => ({
  SeeInstances: may('ec2:DescribeInstances', 'ec2:DescribeIamInstanceProfileAssociations')
    .on(DESCRIBES)
    .because('Is our profile associated, and does the instance still run?'),
});
