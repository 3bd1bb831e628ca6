import { may, type Permissions, type Scope } from './permission';

/** Looks at the records before a deployment changes anything, and changes nothing. */
export const guardRelease = ({ arns }: Scope): Permissions => ({
  ListRoles: may('iam:ListRoles')
    .on(arns.allTempRoles)
    .because('Which runs are left? Lists are authorised by the path that is asked for.'),
  SeeRecords: may('iam:GetRole').on(arns.tempRoles).because('The record says what must be given back.'),
});
