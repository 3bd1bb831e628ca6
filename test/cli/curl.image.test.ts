import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import { scratchFolder } from '../support/scratch';
import { ASSEMBLY } from '../support/stage';
import { isUp, type LocalProcess, startLocal } from './localProcess';

const signs = spawnSync('curl', ['--help', 'auth'], { encoding: 'utf8' }).stdout?.includes('--aws-sigv4') ?? false;
const describeWithCurl = signs ? describe : describe.skip;
if (!signs) console.warn('SKIPPED: curl (7.75 or newer) cannot be found here, tests with its --aws-sigv4 do not run.');

const INSTANCE = 'i-0123456789abcdef0';

/** The shell's variables, as stepup local prints them. */
const exported = (local: LocalProcess): Record<string, string> =>
  Object.fromEntries(
    Array.from(local.stdout().matchAll(/^export (\w+)='(.*)'$/gm), ([, name, value]) => [name, value]),
  );

/** What the role requester's session has. */
async function assumed(env: Record<string, string>) {
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID!, secretAccessKey: env.AWS_SECRET_ACCESS_KEY! };
  const sts = new STSClient({ endpoint: env.AWS_ENDPOINT_URL!, region: env.AWS_REGION!, credentials });
  const role = { RoleArn: 'arn:aws:iam::123456789012:role/requester', RoleSessionName: 'jane' };
  const { Credentials: session } = await sts.send(new AssumeRoleCommand(role));
  return { key: `${session?.AccessKeyId}:${session?.SecretAccessKey}`, token: session?.SessionToken };
}

describeWithCurl('curl --aws-sigv4', () => {
  test('asks as the role that a developer has assumed, and no more than its policy says', async () => {
    const exports = join(scratchFolder('curl'), 'aws.env');
    const local = startLocal('--assembly', ASSEMBLY, '--exports', exports, '--user', 'developer', '--speed', '1');
    await isUp(local, exports);
    const env = exported(local);
    const { key, token } = await assumed(env);
    const curl = (path: string, ...more: string[]) => {
      const signed = [
        '--aws-sigv4',
        'aws:amz:us-east-1:execute-api',
        '--user',
        key,
        '-H',
        `x-amz-security-token: ${token}`,
      ];
      const written = ['-sS', '-w', '\n%{http_code}', ...signed, ...more, `${env.STEPUP_API}${path}`];
      const [body, status] = execFileSync('curl', written, { encoding: 'utf8' }).split(/\n(?=\d+$)/);
      return { status: Number(status), body: JSON.parse(body as string) };
    };
    const run = ['-H', 'content-type: application/json', '-d', '{"work":{"shell":["echo done"]}}'];
    const start = (grant: string) =>
      curl(`/grants/${grant}/instances/${INSTANCE}/elevations`, '-H', 'idempotency-key: 4711', ...run);

    expect(curl('/grants')).toMatchObject({ status: 200, body: { grants: [{ name: 'read-bucket-prefix' }, {}] } });
    const { status, body } = start('run-remote-script');
    expect([status, body]).toEqual([202, expect.objectContaining({ instanceId: INSTANCE, status: 'RUNNING' })]);
    expect(start('run-remote-script')).toMatchObject({ status: 202, body: { name: body.name } });
    expect(curl(body.href)).toMatchObject({ status: 200, body: { name: body.name } });
    expect(start('read-bucket-prefix')).toMatchObject({ status: 403, body: { title: 'NotAuthorized' } });
    expect(curl('/elevations?limit=5')).toMatchObject({ status: 403, body: { title: 'NotAuthorized' } });
    expect(curl('/grants?a=1&b=two%20words')).toMatchObject({ status: 400, body: { title: 'RequestInvalid' } });
    expect(curl('/grants', '--user', 'ASIAAAAAAAAAAAAAAAAA:x')).toMatchObject({
      status: 403,
      body: { title: 'NotSigned' },
    });
    process.kill(local.pid, 'SIGINT');
    expect(await local.ended).toBe(0);
  }, 120_000);
});
