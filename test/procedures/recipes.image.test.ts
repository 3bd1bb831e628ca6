import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { isUp, startLocal } from '../cli/localProcess';
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

describeWithAwsCli('the recipes in a shell, in `stepup local`', () => {
  test('the URL from Parameter Store; the job by curl, said twice, is one job; what is not allowed ends it', async () => {
    const home = scratchFolder('recipes-local');
    const exports = join(home, 'aws.env');
    const local = startLocal('--assembly', ASSEMBLY, '--exports', exports, '--user', 'developer', '--speed', '50');
    await isUp(local, exports);
    const shell = (script: string) =>
      run('sh', ['-c', `. ${exports}\n${script}`], { env: { PATH: process.env.PATH, HOME: home } });
    const [, root = ''] = /# as root:\n# +(export .*)/.exec(local.stdout()) ?? [];
    const asRoot = (script: string) => shell(`${root}\n${script}`);

    const url = await asRoot(`${blockOf('', 'sh')}printf '%s' "$STEPUP_API"`);
    expect(url.stdout).toMatch(/^https:\/\/[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com\/v1$/);

    const script = `${ASSUMED}${blockOf('From a pipeline', 'sh', /curl/)}`;
    expect((await shell(script)).stdout).toBe('exported\n\n');
    expect((await shell(script)).stdout).toBe('exported\n\n');
    const readme = blockOf('An AWS account on your machine', 'sh', /ask\(\)/, blocksOfReadme);
    const [grants, started, elevations] = (await asRoot(readme)).stdout.replaceAll('}{', '}\n{').split('\n');
    expect(JSON.parse(grants ?? '').grants).toHaveLength(2);
    const { name } = JSON.parse(started ?? '');
    // The newest first; the job that was said twice is there once.
    expect(JSON.parse(elevations ?? '').elevations).toMatchObject([
      { name, requester: expect.stringContaining(':root ') },
      { requester: expect.stringContaining(':assumed-role/requester/pipeline ') },
    ]);

    const denied = shell(script.replace('/grants/run-remote-script/', '/grants/read-bucket-prefix/'));
    await expect(denied).rejects.toMatchObject({ code: 22, stderr: expect.stringContaining('403') });
    expect(readFileSync(exports, 'utf8')).toContain('STEPUP_API=');
    process.kill(local.pid, 'SIGINT');
    expect(await local.ended).toBe(0);
  }, 60_000);
});
