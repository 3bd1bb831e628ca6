import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { scratchFolder } from '../../support/scratch';
import { fakeAws, ROOT } from '../support/fakeWorld';

/** A client that shares no code with the server: the JS SDK shares its schemas. */
const hasCli = spawnSync('aws', ['--version']).status === 0;
if (!hasCli) console.warn('SKIPPED: the AWS CLI is not on the PATH, its tests do not run.');
const withCli = hasCli ? test : test.skip;

const server = fakeAws();
const folder = scratchFolder('cli');
const file = (name: string) => join(folder, name);
let endpoint: string;

async function aws(...args: string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: ROOT.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ROOT.secretAccessKey,
    AWS_MAX_ATTEMPTS: '1',
  };
  return (await promisify(execFile)('aws', args, { env, cwd: folder })).stdout;
}

beforeAll(async () => {
  endpoint = await server.wire.listen(0);
});
afterAll(() => server.wire.close());

withCli('sts get-caller-identity', async () => {
  const identity = JSON.parse(await aws('sts', 'get-caller-identity'));
  expect(identity).toEqual({ UserId: '123456789012', Account: '123456789012', Arn: 'arn:aws:iam::123456789012:root' });
});

withCli(
  's3 mb, cp there and back, ls',
  async () => {
    const data = Array.from({ length: 100_000 }, (_, line) => `line ${line}\n`).join('');
    writeFileSync(file('in.txt'), data);
    await aws('s3', 'mb', 's3://cli-bucket');
    await aws('s3', 'cp', 'in.txt', 's3://cli-bucket/some folder/a+b.txt');
    expect(await aws('s3', 'ls')).toMatch(/cli-bucket$/m);
    expect(await aws('s3', 'ls', 's3://cli-bucket/some folder/')).toMatch(/1088890 a\+b\.txt$/m);
    await aws('s3', 'cp', 's3://cli-bucket/some folder/a+b.txt', 'out.txt');
    expect(readFileSync(file('out.txt'), 'utf8')).toBe(data);
    await expect(aws('s3', 'cp', 's3://cli-bucket/missing', '-')).rejects.toThrow('(404)');
  },
  60_000,
);

withCli('an operation that is not there', async () => {
  await expect(aws('iam', 'list-users')).rejects.toThrow(
    '(InvalidAction) when calling the ListUsers operation: The embedded AWS has no',
  );
});
