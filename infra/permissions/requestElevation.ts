import { doctor } from './doctor';
import { anything, may, type Permissions, type Scope } from './permission';

/** Behind the API: starts elevations for requesters, shows them, and ends them early. */
export const requestElevation = (scope: Scope): Permissions => ({
  ...doctor(scope),
  StartElevation: may('states:StartExecution').on(scope.arns.elevation.machine).because('What a requester asks for.'),
  FindElevations: may('states:ListExecutions')
    .on(scope.arns.elevation.machine, scope.arns.recovery.machine)
    .because('The lists; and has an elevation a recovery?'),
  SeeElevation: may('states:DescribeExecution', 'states:GetExecutionHistory')
    .on(scope.arns.elevation.executions)
    .because('Where it stands, how it ended, and the token of its hold.'),
  SeeRecovery: may('states:DescribeExecution')
    .on(scope.arns.recovery.executions)
    .because('What became of an elevation that could not restore by itself.'),
  ReleaseHold: may('states:SendTaskSuccess')
    .on(anything('a task token is no resource, and says itself which task it is of'))
    .because('A hold ends when it is released.'),
  StopElevation: may('states:StopExecution')
    .on(scope.arns.elevation.executions)
    .because('One that is released before it is held, or while its script runs; recover restores it.'),
});
