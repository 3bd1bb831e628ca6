import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat, LogGroupLogDestination, type StageOptions } from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Settings } from '../config';

export const STAGE = 'v1';

/** Execution logs stay off: they would have the bodies. */
export function stageOf(parent: Construct, { api, logRetentionDays: retention }: Settings): StageOptions {
  const common = {
    stageName: STAGE,
    tracingEnabled: true,
    throttlingRateLimit: api.requestsPerSecond,
    throttlingBurstLimit: api.burst,
  };
  if (!api.accessLogs) return common;
  const group = new LogGroup(parent, 'ApiLogs', {
    retention,
    // Not of a first deployment that is rolled back.
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  return {
    ...common,
    accessLogDestination: new LogGroupLogDestination(group),
    accessLogFormat: AccessLogFormat.custom(ACCESS_LOG),
  };
}

/**
 * What a client chooses comes first: should it forge a field, the true one behind it is the one that counts.
 * Unconfirmed: how API Gateway escapes a path.
 */
const ACCESS_LOG = JSON.stringify({
  path: '$context.path',
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  requestTime: '$context.requestTime',
  method: '$context.httpMethod',
  resource: '$context.resourcePath',
  caller: '$context.identity.userArn',
  user: '$context.identity.user',
  sourceIp: '$context.identity.sourceIp',
  status: '$context.status',
  error: '$context.error.responseType',
  latency: '$context.responseLatency',
});
