import { SendCommand$, type SendCommandRequest, type SendCommandResult } from '@aws-sdk/client-ssm';
import { AwsError, type Call, operation } from '../../world';
import { deliver } from '../agent';
import { type CommandDocument, documentArn, findDocument } from '../documents';
import { bindParameters, bindStep, executionTimeout, type Values } from '../parameters';
import { instanceResource, refuse, type Ssm, type StoredCommand, validate, validInstanceIds } from '../state';
import { commandView } from '../views';

const UNSUPPORTED = ['DocumentHash', 'DocumentHashType', 'ServiceRoleArn', 'NotificationConfig', 'AlarmConfiguration'];
/** What is taken of them is what AWS does without them. */
const DEFAULTS = { Targets: [], MaxConcurrency: '50', MaxErrors: '0' };
const DEFAULT_TIMEOUT = 3600;
const LOG_GROUP = 'cloudWatchOutputConfig.cloudWatchLogGroupName';

export const sendCommand = (ssm: Ssm) =>
  operation<SendCommandRequest, SendCommandResult>(
    'ssm',
    SendCommand$,
    `partial: no ${UNSUPPORTED.join(', ')}; ${Object.keys(DEFAULTS).join(', ')} by default only`,
    (call) => {
      validateRequest(call.input);
      authorize(ssm, call);
      const command = createCommand(ssm, call.input);
      ssm.commands.set(command.id, command);
      for (const invocation of command.invocations) {
        const delivery: Promise<void> = deliver(ssm, command, invocation).finally(() =>
          ssm.deliveries.delete(delivery),
        );
        ssm.deliveries.add(delivery);
      }
      return { Command: commandView(command, ssm.world.region) };
    },
  );

function validateRequest(input: SendCommandRequest): void {
  const { InstanceIds = [], Comment = '', TimeoutSeconds = DEFAULT_TIMEOUT } = input;
  const { OutputS3BucketName: bucket = 'none', OutputS3KeyPrefix: prefix = '' } = input;
  const { CloudWatchLogGroupName: group = 'none' } = input.CloudWatchOutputConfig ?? {};
  validate(
    ['documentName', input.DocumentName, input.DocumentName !== undefined, 'not be null'],
    ...validInstanceIds(InstanceIds),
    ['comment', Comment, Comment.length <= 100, 'have length less than or equal to 100'],
    ['timeoutSeconds', TimeoutSeconds, TimeoutSeconds >= 30, 'have value greater than or equal to 30'],
    ['timeoutSeconds', TimeoutSeconds, TimeoutSeconds <= 2_592_000, 'have value less than or equal to 2592000'],
    ['outputS3BucketName', bucket, bucket.length >= 3, 'have length greater than or equal to 3'],
    ['outputS3BucketName', bucket, bucket.length <= 63, 'have length less than or equal to 63'],
    ['outputS3KeyPrefix', prefix, prefix.length <= 500, 'have length less than or equal to 500'],
    [LOG_GROUP, group, group.length >= 1, 'have length greater than or equal to 1'],
    [LOG_GROUP, group, group.length <= 512, 'have length less than or equal to 512'],
    [LOG_GROUP, group, /^[.\-_/#A-Za-z0-9]+$/.test(group), 'satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+'],
  );
  refuse(input, ...UNSUPPORTED);
  const others = Object.entries(DEFAULTS).filter(([name, value]) => {
    const asked = input[name as keyof typeof DEFAULTS] ?? value;
    return String(asked) !== String(value);
  });
  refuse(input, ...others.map(([name]) => name));
  if (InstanceIds.length === 0) throw new AwsError('InvalidInstanceId', 'InstanceIds must name at least one instance');
  if (new Set(InstanceIds).size < InstanceIds.length) {
    throw new AwsError('DuplicateInstanceId', 'Each instance may be named only once');
  }
}

/** On every resource of the request: aws-facts-2 14.2. Unconfirmed: that the bucket of the output is one of them. */
function authorize({ world, documents }: Ssm, { input, authorize }: Call<SendCommandRequest>): void {
  authorize('ssm:SendCommand', documentArn(world, documents, input.DocumentName!));
  for (const id of input.InstanceIds ?? []) authorize('ssm:SendCommand', ...instanceResource(world, id));
  const { OutputS3BucketName: bucket } = input;
  if (bucket) authorize('ssm:SendCommand', `arn:${world.partition}:s3:::${bucket}`);
}

function createCommand(ssm: Ssm, request: SendCommandRequest): StoredCommand {
  const { InstanceIds = [], DocumentName, DocumentVersion, Parameters, TimeoutSeconds } = request;
  const document = findDocument(ssm.world, ssm.documents, DocumentName!, DocumentVersion);
  const values = bindParameters(document, Parameters);
  if (!InstanceIds.every(ssm.registry.managed)) {
    throw new AwsError('InvalidInstanceId', 'Instances not in a valid state for account');
  }
  checkPlatforms(ssm, document, InstanceIds);
  const steps = document.steps.map((step) => bindStep(step, values));
  const now = ssm.world.clock.now();
  const timeoutSeconds = TimeoutSeconds ?? DEFAULT_TIMEOUT;
  const seconds = timeoutSeconds + countedSeconds(document, values, Parameters);
  return {
    id: ssm.world.ids.uuid(),
    request,
    requestedAt: now,
    timeoutSeconds,
    expiresAfter: now + seconds * 1000,
    invocations: InstanceIds.map((instanceId) => ({
      instanceId,
      status: 'Pending',
      statusDetails: 'Pending',
      steps: steps.map((step) => {
        return { step, status: 'Pending', statusDetails: 'Pending', responseCode: -1, stdout: '', stderr: '' };
      }),
      stop: new AbortController(),
    })),
  };
}

/**
 * What ExpiresAfter counts for the steps (aws-facts 4.2): a parameter that was not given counts as 3600, whatever its
 * default. Unconfirmed: that a step for another platform counts as well, and a download does not.
 */
function countedSeconds({ steps }: CommandDocument, values: Values, given: Record<string, string[]> = {}): number {
  const counted = Object.entries(values).map(([name, value]) => [name, given[name] ? value : '3600']);
  return steps
    .filter((step) => step.action !== 'aws:downloadContent')
    .map((step) => executionTimeout(bindStep(step, Object.fromEntries(counted))))
    .reduce((sum, seconds) => sum + seconds, 0);
}

function checkPlatforms({ world }: Ssm, document: CommandDocument, instanceIds: string[]): void {
  const platforms = instanceIds.map((id) => world.ec2.instance(id)?.platform ?? 'Linux');
  if (platforms.every((platform) => document.platforms.includes(platform))) return;
  throw new AwsError('UnsupportedPlatformType', `${document.name} runs on ${document.platforms.join(', ')} only`);
}
