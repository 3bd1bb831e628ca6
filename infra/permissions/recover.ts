import { may, type Permission, type Scope } from './permission';

/** Starts the recovery of an elevation that could not restore by itself. */
export const recover = ({ arns }: Scope): Permission[] => [
  may('states:GetExecutionHistory').on(arns.elevation.executions),
  may('states:StartExecution').on(arns.recovery.machine),
];
