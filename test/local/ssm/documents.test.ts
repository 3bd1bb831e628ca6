import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parseS3Url } from '../../../local/ssm/s3';
import { closeWorlds, INSTANCE, type Run, virtualWorld } from './fakeWorld';

afterEach(closeWorlds);

interface Request {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body?: unknown;
}

/** S3 as far as the agent asks it, behind the SDK's own client. */
function fakeS3(objects: Record<string, string>, denial?: string) {
  const requests: Request[] = [];
  const answer = (request: Request): [number, string] => {
    if (denial) return [403, `<Error><Code>AccessDenied</Code><Message>${denial}</Message></Error>`];
    if (request.method === 'PUT') return [200, ''];
    const { prefix } = request.query;
    if (prefix !== undefined) {
      const keys = Object.keys(objects).filter((key) => key.startsWith(prefix));
      const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
      return [200, `<ListBucketResult>${contents}</ListBucketResult>`];
    }
    const body = objects[request.path.replace('/scripts/', '')];
    return body === undefined ? [404, '<Error><Code>NoSuchKey</Code><Message>no</Message></Error>'] : [200, body];
  };
  const handle = async (request: Request) => {
    requests.push(request);
    const [statusCode, body] = answer(request);
    return { response: { statusCode, headers: {}, body: Readable.from([Buffer.from(body)]) } };
  };
  return { requests, requestHandler: () => ({ handle, updateHttpClientConfig() {}, httpHandlerConfigs: () => ({}) }) };
}

// The SDK's first call reads its configuration from disk, which virtual time does not wait for.
beforeAll(async () => {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const requestHandler = fakeS3({}).requestHandler() as unknown as S3Client['config']['requestHandler'];
  await new S3Client({ region: 'eu-west-1', credentials, requestHandler }).send(
    new ListObjectsV2Command({ Bucket: 'any', Prefix: 'any' }),
  );
});

function remote(path: string, more: Record<string, string[]> = {}) {
  const parameters = { sourceType: ['S3'], sourceInfo: [JSON.stringify({ path })], commandLine: ['./job.sh 1'] };
  return { InstanceIds: [INSTANCE], DocumentName: 'AWS-RunRemoteScript', Parameters: { ...parameters, ...more } };
}

const URL = 'https://s3.eu-west-1.amazonaws.com/scripts/a/job.sh';

describe('AWS-RunRemoteScript', () => {
  test('downloads with the credentials of the instance and runs in that folder', async () => {
    const s3 = fakeS3({ 'a/job.sh': 'echo job' });
    const seen: { content?: string; mode?: number } = {};
    const look = ({ cwd }: Run) => {
      seen.content = readFileSync(join(cwd, 'job.sh'), 'utf8');
      seen.mode = statSync(join(cwd, 'job.sh')).mode & 0o777;
      return { stdout: 'done' };
    };
    const world = virtualWorld(look, s3);
    const { Command } = await world.call('SendCommand', remote(URL));
    await world.later(2_000);
    expect(seen).toEqual({ content: 'echo job', mode: 0o700 });
    expect(s3.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /scripts/',
      'GET /scripts/a/job.sh',
    ]);
    expect(s3.requests[0]?.headers.authorization).toMatch(/Credential=ASIAX\//);
    expect(world.runs[0]?.script).toContain('./job.sh 1');
    expect(existsSync(world.runs[0]!.cwd)).toBe(false);
    expect(await world.status(Command.CommandId, 'runShellScript')).toMatchObject({
      Status: 'Success',
      StandardOutputContent: 'done',
    });
    const skipped = await world.status(Command.CommandId, 'runPowerShellScript');
    expect(skipped.Status).toBe('Success');
    expect(skipped.StandardOutputContent).toContain('Step execution skipped due to unsatisfied preconditions');
    await expect(world.status(Command.CommandId)).rejects.toMatchObject({ code: 'InvalidPluginName' });
    await expect(world.status(Command.CommandId, 'nothing')).rejects.toMatchObject({ code: 'InvalidPluginName' });
  });

  test('a folder is downloaded with what lies below it', async () => {
    const s3 = fakeS3({ 'a/job.sh': '1', 'a/lib/x.js': '2', 'ab/no.sh': '3' });
    let files: boolean[] = [];
    const look = ({ cwd }: Run) => {
      files = ['job.sh', 'lib/x.js', 'no.sh'].map((name) => existsSync(join(cwd, name)));
      return {};
    };
    const world = virtualWorld(look, s3);
    await world.call('SendCommand', remote('https://scripts.s3.amazonaws.com/a'));
    await world.later(2_000);
    expect(files).toEqual([true, true, false]);
  });

  test('AccessDenied fails the step with the text of S3; the next step runs all the same', async () => {
    const denial = 'User: arn:x is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::scripts"';
    const world = virtualWorld(() => ({ exitCode: 127 }), fakeS3({}, denial));
    const { Command } = await world.call('SendCommand', remote(URL));
    await world.later(2_000);
    const view = await world.status(Command.CommandId, 'downloadContent');
    expect(view).toMatchObject({ Status: 'Failed', ResponseCode: 1 });
    expect(view.StandardErrorContent).toContain(`AccessDenied: ${denial}`);
    expect(view.StandardErrorContent).toContain('status code: 403');
    expect(await world.status(Command.CommandId, 'runShellScript')).toMatchObject({ ResponseCode: 127 });
    expect(await world.parent(Command.CommandId)).toMatchObject({ Status: 'Failed' });
  });

  test('without a profile, or from another kind of source, the step fails', async () => {
    const world = virtualWorld();
    await world.call('DescribeInstanceInformation', {});
    world.state.profile = false;
    world.state.swappedAt = world.clock.now();
    const first = await world.call('SendCommand', remote(URL));
    const second = await world.call('SendCommand', remote(URL, { sourceType: ['GitHub'] }));
    await world.later(2_000);
    const stderr = async (id: string) => (await world.status(id, 'downloadContent')).StandardErrorContent;
    expect(await stderr(first.Command.CommandId)).toContain('NoCredentialProviders');
    expect(await stderr(second.Command.CommandId)).toContain('GitHub is not supported');
  });

  test.each([
    'https://s3.amazonaws.com/my-bucket/a%20b/c.sh',
    'https://s3.eu-west-1.amazonaws.com/my-bucket/a+b/c.sh',
    'https://s3-eu-west-1.amazonaws.com/my-bucket/a%20b/c.sh',
    'https://my-bucket.s3.eu-west-1.amazonaws.com/a%20b/c.sh',
    'https://my-bucket.s3-eu-west-1.amazonaws.com/a%20b/c.sh',
    'https://my-bucket.s3.amazonaws.com/a%20b/c.sh',
  ])('reads %s', (url) => expect(parseS3Url(url)).toEqual({ bucket: 'my-bucket', key: 'a b/c.sh' }));

  test.each(['s3://my-bucket/key', 'https://example.com/my-bucket/key', 'https://s3.amazonaws.com/my-bucket', 'x'])(
    'refuses %s',
    (url) => expect(() => parseS3Url(url)).toThrow(),
  );
});

describe("an account's own document", () => {
  const step = (name: string, runCommand: unknown, more: object = {}) => {
    return { name, action: 'aws:runShellScript', inputs: { runCommand }, ...more };
  };
  const own = (mainSteps: object[], parameters: object = {}) => {
    return { name: 'own', owner: '123456789012', content: { schemaVersion: '2.2', parameters, mainSteps } };
  };

  test('lists are spliced in, strings replaced, once', async () => {
    const world = virtualWorld();
    const parameters = { role: { type: 'String', default: 'r' }, lines: { type: 'StringList' } };
    world.ssm.putDocument(own([step('prove', ['begin {{role}}', '{{ lines }}', 'end'])], parameters));
    const Parameters = { lines: ['one', '{{ role }}'] };
    const { Command } = await world.call('SendCommand', { InstanceIds: [INSTANCE], DocumentName: 'own', Parameters });
    await world.later(2_000);
    expect(world.runs[0]?.script.split('\n')).toEqual(['begin r', 'one', '{{ role }}', 'end']);
    expect(await world.status(Command.CommandId)).toMatchObject({ PluginName: 'prove', Status: 'Success' });
  });

  test('its timeout holds by default, but ExpiresAfter counts 3600 for it', async () => {
    const world = virtualWorld();
    const inputs = { runCommand: ['sleep 30'], timeoutSeconds: '{{ limit }}' };
    world.ssm.putDocument(own([{ ...step('x', []), inputs }], { limit: { type: 'String', default: '10' } }));
    const input = { InstanceIds: [INSTANCE], DocumentName: 'own', TimeoutSeconds: 30 };
    const { Command } = await world.call('SendCommand', input);
    expect(Command.ExpiresAfter - Command.RequestedDateTime).toBe(3_630_000);
    await world.later(11_000);
    expect(await world.status(Command.CommandId)).toMatchObject({ StatusDetails: 'ExecutionTimedOut' });
  });

  test.each([
    ['an action', own([{ name: 'x', action: 'aws:configurePackage' }])],
    ['a key of a step', own([step('x', [], { timeoutSeconds: 3 })])],
    ['onFailure', own([step('x', [], { onFailure: 'exit' })])],
    ['a precondition', own([step('x', [], { precondition: { StringEquals: ['{{ a }}', 'b'] } })])],
    ['a parameter that is not declared', own([step('x', ['{{ ssm:secret }}'])])],
    ['a type', own([], { x: { type: 'Boolean' } })],
    ['a schema', { ...own([]), content: { schemaVersion: '0.3' } }],
  ])('%s that the interpreter does not know is refused when loaded', (_, document) => {
    expect(() => virtualWorld().ssm.putDocument(document)).toThrow('not supported by the embedded AWS');
  });

  test('DescribeDocument', async () => {
    const world = virtualWorld();
    const { Document } = await world.call('DescribeDocument', { Name: 'AWS-RunShellScript' });
    expect(Document).toMatchObject({ Owner: 'Amazon', SchemaVersion: '1.2', PlatformTypes: ['Linux', 'MacOS'] });
    expect(Document.Parameters.map((one: { Name: string }) => one.Name)).toEqual([
      'commands',
      'workingDirectory',
      'executionTimeout',
    ]);
    await expect(world.call('DescribeDocument', { Name: 'None' })).rejects.toMatchObject({ code: 'InvalidDocument' });
  });
});

describe('output to S3', () => {
  const send = (world: ReturnType<typeof virtualWorld>) =>
    world.send(['true'], { OutputS3BucketName: 'logs', OutputS3KeyPrefix: 'p' });

  test('is stored whole, where AWS stores it', async () => {
    const s3 = fakeS3({});
    const world = virtualWorld(() => ({ stdout: 'o'.repeat(30_000) }), s3);
    const { CommandId } = await send(world);
    await world.later(2_000);
    const key = `logs/p/${CommandId}/${INSTANCE}/awsrunShellScript/0.awsrunShellScript/stdout`;
    expect(s3.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([`PUT /${key}`]);
    expect(s3.requests[0]?.body).toHaveLength(30_000);
    expect((await world.status(CommandId)).StandardOutputUrl).toBe(`https://s3.eu-west-1.amazonaws.com/${key}`);
  });

  test('may fail without a trace in the status', async () => {
    const world = virtualWorld(() => ({ stdout: 'x' }), fakeS3({}, 'no'));
    const { CommandId } = await send(world);
    await world.later(2_000);
    expect(await world.status(CommandId)).toMatchObject({ Status: 'Success' });
  });
});
