import { may, type Permissions, type Scope } from './permission';

/** Starts the elevation that a schedule asks for. */
export const runScheduled = ({ arns }: Scope): Permissions => ({
  StartElevation: may('states:StartExecution').on(arns.elevation.machine).because('The elevation that is due.'),
  SeeWhetherItRan: may('states:DescribeExecution')
    .on(arns.elevation.executions)
    .because('One time of a schedule may be told twice: is the run that is there the same?'),
});
