import { CloudWatchLogsClient, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateRoleCommand, IAMClient, TagRoleCommand } from '@aws-sdk/client-iam';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../../local';

const aws = createLocalAws();
const inProcess = aws.requestHandler();
let instanceId: string;
beforeAll(async () => {
  instanceId = aws.world.ec2.addInstance({}).id;
  await aws.world.asRoot('iam', 'CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: TRUST });
  await aws.world.asRoot('s3', 'CreateBucket', { Bucket: 'bucket' });
});
afterAll(() => aws.close());

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
});

/** The last answer, as it was sent. */
let answer = { status: 0, body: '' };
const requestHandler = {
  ...inProcess,
  handle: async (...request: Parameters<typeof inProcess.handle>) => {
    const { response } = await inProcess.handle(...request);
    const chunks = response.body instanceof Uint8Array ? [response.body] : await response.body.toArray();
    answer = { status: response.statusCode, body: Buffer.concat(chunks).toString() };
    return { response: { ...response, body: Buffer.from(answer.body) } };
  },
};
const config = { region: 'us-east-1', requestHandler, credentials: aws.world.iam.rootKey, maxAttempts: 1 };

/** Sends what the SDK would not: a request with another body. */
// biome-ignore lint/suspicious/noExplicitAny: clients and commands of six services
async function sendAs(client: any, command: object, body?: (body: string) => string) {
  if (body) {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const change = (next: any) => (args: any) => {
      args.request.body = body(args.request.body);
      return next(args);
    };
    client.middlewareStack.add(change, { step: 'build', priority: 'high' });
  }
  await client.send(command).catch(() => undefined);
  return answer;
}

const commands = {
  start: [SFNClient, new StartExecutionCommand({ stateMachineArn: 'arn:x' })],
  machines: [SFNClient, new ListStateMachinesCommand()],
  send: [SSMClient, new SendCommandCommand({ DocumentName: 'AWS-RunShellScript' })],
  put: [CloudWatchLogsClient, new PutLogEventsCommand({ logGroupName: 'g', logStreamName: 's', logEvents: [] })],
} as const;
const sendJson = (name: keyof typeof commands, json: string) => {
  const [Client, command] = commands[name];
  return sendAs(new Client(config as never), command, () => json);
};
const MAP = 'Start of structure or map found where not expected.';
const LIST = 'Start of list found where not expected';

describe('JSON of another type than the model has', () => {
  test.each([
    ['start', '{"stateMachineArn":5}', 'NUMBER_VALUE can not be converted to a String'],
    ['start', '{"stateMachineArn":"arn:x","input":{}}', MAP],
    ['start', '{"stateMachineArn":["arn:x"]}', LIST],
    ['machines', '[]', LIST],
    ['machines', '{"maxResults":"5"}', 'STRING_VALUE can not be converted to an Integer'],
    ['machines', '{"maxResults":true}', 'TRUE_VALUE can not be converted to an Integer'],
    ['machines', 'null', undefined],
    ['machines', '', undefined],
    ['machines', '"x"', undefined],
    ['machines', '{', undefined],
    ['put', '{"logGroupName":"g","logStreamName":"s","logEvents":"x"}', 'Expected list or null'],
    ['put', '{"logGroupName":"g","logStreamName":"s","logEvents":[1,null]}', 'Expected null'],
    ['put', '{"logGroupName":"g","logStreamName":"s","logEvents":[null]}', undefined],
    ['send', '{"DocumentName":"d","InstanceIds":"i-1"}', 'Expected list or null'],
    ['send', '{"DocumentName":"d","Parameters":"x"}', 'Expected map or null'],
    ['send', '{"DocumentName":"d","Parameters":{"commands":"id"}}', 'Expected list or null'],
    ['send', '{"DocumentName":"d","Parameters":{"commands":{"a":"b"}}}', MAP],
    ['send', '{"DocumentName":"d","Parameters":{"commands":[5]}}', 'NUMBER_VALUE can not be converted to a String'],
    ['send', '{"DocumentName":"d","Parameters":{"commands":[null]}}', undefined],
    ['send', '{"DocumentName":"d","Parameters":{"commands":null}}', undefined],
  ] as const)('%s %s: %s', async (name, json, message) => {
    const { status, body } = await sendJson(name, json);
    const __type = 'com.amazon.coral.service#SerializationException';
    expect([status, JSON.parse(body)]).toEqual([400, { __type, ...(message && { Message: message }) }]);
  });

  test('unknown members are ignored, null is absent, a fraction is cut off', async () => {
    const { status, body } = await sendJson('machines', '{"maxResults":1.5,"nextToken":null,"bogus":{"a":[]}}');
    expect([status, body]).toEqual([200, '{"stateMachines":[]}']);
  });
});

describe('parameters of EC2 queries', () => {
  const describeWith = (more: string) =>
    sendAs(new EC2Client(config as never), new DescribeInstancesCommand(), (body) => `${body}&${more}`);

  test.each([
    ['Bogus=1', 'UnknownParameter', 'The parameter Bogus is not recognized'],
    ['Filter.1.Bogus=1', 'UnknownParameter', 'The parameter Bogus is not recognized'],
    ['DryRun=maybe', 'InvalidParameterValue', 'Value (maybe) for parameter DryRun is invalid.'],
    ['MaxResults=abc', 'InvalidParameterValue', 'Value (abc) for parameter MaxResults is invalid.'],
    ['InstanceId=i-1', 'InvalidParameterValue', 'Value (i-1) for parameter InstanceId is invalid.'],
  ])('%s: %s', async (more, code, message) => {
    const { status, body } = await describeWith(more);
    expect([status, body]).toEqual([400, expect.stringContaining(`<Code>${code}</Code><Message>${message}</Message>`)]);
  });

  test('no list of instances is a missing parameter, by its name on the wire', async () => {
    const { body } = await sendAs(new EC2Client(config as never), new StopInstancesCommand({ InstanceIds: [] }));
    expect(body).toContain('<Message>The request must include the InstanceId parameter. Add the required');
    expect(aws.world.ec2.instance(instanceId)?.state).toBe('running');
  });
});

describe('lists of IAM', () => {
  const tagRole = (Tags: { Key: string; Value: string }[], body?: (body: string) => string) =>
    sendAs(new IAMClient(config as never), new TagRoleCommand({ RoleName: 'r', Tags }), body);

  test('without the step `member` there is no list', async () => {
    const { status, body } = await tagRole([{ Key: 'a', Value: 'b' }], (body) => body.replaceAll('.member', ''));
    expect(status).toBe(400);
    expect(body).toContain('Value null at &#39;tags&#39; failed to satisfy constraint: Member must not be null');
  });

  test('a list that is too long is shown as it is', async () => {
    const { body } = await tagRole(Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })));
    expect(body).toContain('Value &#39;[{Key=k0, Value=}, {Key=k1, Value=}, ');
  });
});

describe('what XML 1.0 cannot hold', () => {
  test('is referred to in an error of IAM', async () => {
    const command = new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: TRUST, Description: 'a\x01b' });
    const { status, body } = await sendAs(new IAMClient(config as never), command);
    expect([status, body]).toEqual([400, expect.stringContaining('Value &#39;a&#x1;b&#39; at &#39;description&#39;')]);
  });

  test('is referred to in a listing of S3', async () => {
    const s3 = new S3Client({ ...config, endpoint: 'http://127.0.0.1', forcePathStyle: true } as never);
    await sendAs(s3, new PutObjectCommand({ Bucket: 'bucket', Key: 'a\x01b', Body: 'x' }));
    const { body } = await sendAs(s3, new ListObjectsV2Command({ Bucket: 'bucket' }));
    expect(body).toContain('<Key>a&#x1;b</Key>');
  });
});

describe('in whose form an unsigned request is refused', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const ask = async (path: string, query: Record<string, string>, headers: Record<string, string>) => {
    const all = { host: '127.0.0.1', ...headers };
    const { response } = await inProcess.handle({ method: 'GET', path, query, headers: all });
    return [response.statusCode, Buffer.from(await bodyOf(response.body)).toString()];
  };
  const bodyOf = async (body: Uint8Array | { toArray(): Promise<Uint8Array[]> }) =>
    body instanceof Uint8Array ? body : Buffer.concat(await body.toArray());

  test('a form that names a key is still one to S3', async () => {
    expect(await ask('/bucket/key', {}, form)).toEqual([
      403,
      expect.stringContaining('<Error><Code>AccessDenied</Code>'),
    ]);
    expect(await ask('/', {}, form)).toEqual([403, expect.stringContaining('<ErrorResponse ')]);
  });

  test('a URL presigned by SigV2 is refused by name', async () => {
    const presigned = { AWSAccessKeyId: 'AKIA', Signature: 'x', Expires: '1' };
    const refused = [501, expect.stringContaining('<Code>NotImplemented</Code>')];
    expect(await ask('/bucket/key', presigned, {})).toEqual(refused);
  });
});
