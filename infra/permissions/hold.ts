import { may, type Permissions, type Scope } from './permission';

/** Looks: what waits is the state, not the function. */
export const hold = ({ arns }: Scope): Permissions => ({
  SeeRecord: may('iam:GetRole')
    .on(arns.tempRoles, arns.missingTempRoles)
    .because('Is the record open? Nothing is held for a run that is being restored.'),
});
