import { may, type Permissions, type Scope } from './permission';

/** Starts the recovery of an elevation that could not restore by itself. */
export const recover = ({ arns }: Scope): Permissions => ({
  SeeHistory: may('states:GetExecutionHistory')
    .on(arns.elevation.executions)
    .because('Is there anything to undo? Asked of the history only, because tags can be written.'),
  StartRecovery: may('states:StartExecution').on(arns.recovery.machine).because('The recovery of that run.'),
});
