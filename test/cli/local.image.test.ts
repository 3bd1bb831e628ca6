import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeWithAwsCli } from '../support/awsCli';
import { scratchFolder } from '../support/scratch';
import { isUp, startLocal } from './localProcess';

describeWithAwsCli('the AWS CLI in a shell that has evaluated what stepup local printed', () => {
  test('is the user; and, without keys, the instance', async () => {
    const home = scratchFolder('local-cli');
    const exports = join(home, 'aws.env');
    writeFileSync(join(home, 'nothing'), '');
    const local = startLocal('--no-deploy', '--exports', exports);
    await isUp(local, exports);
    const [, metadata] = /AWS_EC2_METADATA_SERVICE_ENDPOINT='(.*)'/.exec(local.stdout()) ?? [];
    const sh = (script: string) =>
      execFileSync('sh', ['-c', `. ${exports} && ${script}`], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: home, AWS_PROFILE: 'other', AWS_CONFIG_FILE: join(home, 'nothing') },
      });
    const whoami = 'aws sts get-caller-identity --query Arn --output text';
    expect(sh(whoami)).toBe('arn:aws:iam::123456789012:user/admin\n');
    const onInstance = `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; export AWS_EC2_METADATA_SERVICE_ENDPOINT=${metadata}`;
    expect(sh(`${onInstance}; ${whoami}`)).toBe('arn:aws:sts::123456789012:assumed-role/app/i-0123456789abcdef0\n');
    process.kill(local.pid, 'SIGINT');
    expect(await local.ended).toBe(0);
  }, 60_000);
});
