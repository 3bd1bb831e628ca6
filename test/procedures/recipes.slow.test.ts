import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { isUp, STEPUP, startLocal } from '../cli/localProcess';
import { describeWithAwsCli } from '../support/awsCli';
import { ASSEMBLY } from '../support/deployed';
import { scratchFolder } from '../support/scratch';
import { blockOf, blocksOfReadme } from './recipes';

const run = promisify(execFile);

/** As the developer of the world ready-to-elevate, who has assumed the role `requester`. */
const ASSUMED = `
  set -- $(aws sts assume-role --role-arn arn:aws:iam::123456789012:role/requester --role-session-name pipeline \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
  export AWS_ACCESS_KEY_ID=$1 AWS_SECRET_ACCESS_KEY=$2 AWS_SESSION_TOKEN=$3 RUN_ID=4711
`;

const NPX = `npx() { shift; ${process.execPath} ${STEPUP} "$@"; }\n`;

/** Of a test that has failed. */
const leftOvers: number[] = [];
afterAll(() => {
  for (const pid of leftOvers) process.kill(pid, 'SIGKILL');
});

describeWithAwsCli('the recipes in a shell, in `stepup local`', () => {
  test('the URL from Parameter Store; the job by curl, said twice, is one job; what is not allowed ends it', async () => {
    const home = scratchFolder('recipes-local');
    const exports = join(home, 'aws.env');
    const local = startLocal('--assembly', ASSEMBLY, '--exports', exports, '--speed', '10');
    leftOvers.push(local.pid);
    await isUp(local, exports);
    const shell = (script: string) =>
      run('sh', ['-c', `. ${exports}\n${script}`], { env: { PATH: process.env.PATH, HOME: home } });
    const [, developer = ''] = /# as developer:\n# +(export .*)/.exec(local.stdout()) ?? [];

    const url = await shell(`${blockOf('', 'sh')}printf '%s' "$STEPUP_API"`);
    expect(url.stdout).toMatch(/^https:\/\/[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com\/v1$/);

    const script = `${developer}${ASSUMED}${blockOf('From a pipeline', 'sh', /curl/)}`;
    expect((await shell(script)).stdout).toBe('exported\n\n');
    expect((await shell(script)).stdout).toBe('exported\n\n');

    const readme = (having: RegExp) => blockOf('An AWS account on your machine', 'sh', having, blocksOfReadme);
    const job = await shell(`${NPX}cd ${home}\n${readme(/npx stepup run/)}`);
    expect(job.stdout).toMatch(/:user\/admin"[\s\S]*\breport\b/);
    const byCommand = (await shell(`${NPX}${readme(/npx stepup hold/)}`)).stdout;
    expect(byCommand).toMatch(
      /^GRANT .*^✔ i-\w+ can be elevated.*^NAME .* SUCCEEDED .* hold .* SUCCEEDED .* script /ms,
    );
    const byCurl = (await shell(readme(/ask\(\)/))).stdout.replaceAll('}{', '}\n{').split('\n');
    const [{ grants }, { name, timeline }, { elevations }] = byCurl.map((line) => JSON.parse(line));
    expect([grants.length, timeline[0].state]).toEqual([2, 'Begin']);
    // The newest first; the job that was said twice is there once.
    const byAdmin = { requester: expect.stringContaining(':user/admin ') };
    const byPipeline = { requester: expect.stringContaining(':assumed-role/requester/pipeline ') };
    expect(elevations).toMatchObject([{ ...byAdmin, name }, byAdmin, byAdmin, byPipeline]);

    const denied = shell(script.replace('/grants/run-remote-script/', '/grants/read-bucket-prefix/'));
    await expect(denied).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('"NotAuthorized"') });
    expect(readFileSync(exports, 'utf8')).toContain('STEPUP_API=');
    process.kill(leftOvers.pop() as number, 'SIGINT');
    expect(await local.ended).toBe(0);
  }, 180_000);

  test('what is not answered, or by 503, is asked for again, and leaves nothing in the answer', async () => {
    const asked: string[] = [];
    const server = createServer(({ method, headers }, response) => {
      asked.push(`${method} ${headers['idempotency-key'] ?? ''}`);
      if (asked.length % 2 === 1)
        return response.writeHead(503, { 'retry-after': '1' }).end('{"title": "Unavailable"}');
      const elevation = { status: 'SUCCEEDED', script: { stdout: 'exported' }, outcome: { error: '' } };
      response.end(JSON.stringify(method === 'POST' ? { href: '/grants/x' } : elevation));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const STEPUP_API = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const keys = {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    const env = { PATH: process.env.PATH, ...keys, STEPUP_API, RUN_ID: '4711' };
    const { stdout } = await run('sh', ['-c', blockOf('From a pipeline', 'sh', /curl/)], { env });
    server.close();
    expect(stdout).toBe('exported\n');
    expect(asked).toEqual(['POST monthly-export-4711', 'POST monthly-export-4711', 'GET ', 'GET ']);
  }, 30_000);
});
