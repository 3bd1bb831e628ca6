import { anything, may, type Permissions } from './permission';

/**
 * What a state machine may do.
 * @param versions ARNs of all versions of each function that it calls
 */
export const machine = (versions: string[]): Permissions => ({
  CallFunctions: may('lambda:InvokeFunction')
    .on(...versions)
    .because('The functions of its states: published versions, also those of the release that a run began with.'),
  DeliverLogs: may(
    'logs:CreateLogDelivery',
    'logs:GetLogDelivery',
    'logs:UpdateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:DescribeResourcePolicies',
    'logs:DescribeLogGroups',
  )
    .on(anything('CloudWatch Logs has no resources for the delivery of logs'))
    .because('Step Functions asks all of these of the role of a machine that logs.'),
  Trace: may('xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets')
    .on(anything('X-Ray has no resources for it'))
    .because('Traces of runs.'),
});
