import {
  GetParameterCommand,
  GetParametersByPathCommand,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, expect, test } from '@jest/globals';
import { createLocalAws } from '../../../local';

const aws = createLocalAws({ delays: { iamPropagation: 0 } });
const { world } = aws;
afterAll(() => aws.close());

const client = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
  new SSMClient({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1',
    credentials,
    requestHandler: aws.requestHandler(),
    maxAttempts: 1,
  });
const ssm = client(world.iam.rootKey);
const ARN = 'arn:aws:ssm:us-east-1:123456789012:parameter';

for (const name of ['/app/b', '/app/a', '/app/deep/c', '/application', 'plain']) {
  world.ssm.putParameter({ name, value: `value of ${name}` });
}
for (let count = 10; count < 35; count += 1) world.ssm.putParameter({ name: `/many/${count}`, value: 'x' });

async function below(Path: string, Recursive?: boolean) {
  const { Parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path, Recursive }));
  return Parameters.map(({ Name }) => Name);
}

test('one by its name', async () => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/app/a' }));
  expect(Parameter).toEqual({
    Name: '/app/a',
    Type: 'String',
    Value: 'value of /app/a',
    Version: 1,
    LastModifiedDate: expect.any(Date),
    ARN: `${ARN}/app/a`,
    DataType: 'text',
  });
  const plain = await ssm.send(new GetParameterCommand({ Name: 'plain' }));
  expect(plain.Parameter?.ARN).toBe(`${ARN}/plain`);
  await expect(ssm.send(new GetParameterCommand({ Name: '/app' }))).rejects.toMatchObject({
    name: 'ParameterNotFound',
  });
  await expect(ssm.send(new GetParameterCommand({ Name: '/app/a:1' }))).rejects.toThrow('Not supported');
});

test('those right below a path, or all below it', async () => {
  expect(await below('/app')).toEqual(['/app/a', '/app/b']);
  expect(await below('/app/', true)).toEqual(['/app/a', '/app/b', '/app/deep/c']);
  expect(await below('/')).toEqual(['/application']);
  expect(await below('/nowhere')).toEqual([]);
  await expect(below('app')).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('must begin with a forward slash'),
  });
});

test('in pages of ten at most', async () => {
  const pages: number[] = [];
  for await (const { Parameters = [] } of paginateGetParametersByPath({ client: ssm }, { Path: '/many' }))
    pages.push(Parameters.length);
  expect(pages).toEqual([10, 10, 5]);
  const tooMany = ssm.send(new GetParametersByPathCommand({ Path: '/many', MaxResults: 11 }));
  await expect(tooMany).rejects.toThrow(
    "1 validation error detected: Value '11' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10",
  );
});

test('who may: the path is the resource, without a slash at its end', async () => {
  const UserName = 'reader';
  await world.asRoot('iam', 'CreateUser', { UserName });
  const { AccessKey } = await world.asRoot('iam', 'CreateAccessKey', { UserName });
  const reader = client({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
  const Statement = [{ Effect: 'Allow', Action: 'ssm:GetParametersByPath', Resource: `${ARN}/app` }];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await world.asRoot('iam', 'PutUserPolicy', { UserName, PolicyName: 'p', PolicyDocument });
  await reader.send(new GetParametersByPathCommand({ Path: '/app/' }));
  const name = 'AccessDeniedException';
  for (const Path of ['/', '/app/deep']) {
    await expect(reader.send(new GetParametersByPathCommand({ Path }))).rejects.toMatchObject({ name });
  }
  await expect(reader.send(new GetParameterCommand({ Name: '/app/a' }))).rejects.toMatchObject({
    name,
    message: expect.stringContaining(`ssm:GetParameter on resource: ${ARN}/app/a`),
  });
});

test('a value has to fit into its tier, and a name is taken once', () => {
  const value = 'x'.repeat(4_097);
  expect(() => world.ssm.putParameter({ name: '/big', value })).toThrow('maximum parameter value of 4096 characters');
  world.ssm.putParameter({ name: '/big', value, tier: 'Advanced' });
  expect(() => world.ssm.putParameter({ name: '/big', value: 'x' })).toThrow('already exists');
  expect(() => world.ssm.putParameter({ name: '/with blank', value: 'x' })).toThrow('Invalid parameter name');
});
