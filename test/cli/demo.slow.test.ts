import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { MODES } from '../../cli/demo/modes';
import { createProgress } from '../../cli/demo/progress';
import { PROFILE, setStage } from '../../cli/demo/stage';
import { Story } from '../../cli/demo/story';
import { createLocalAws, wallClock } from '../../local';
import { scratchFolder } from '../support/scratch';
import { ASSEMBLY } from '../support/stage';
import { demo, interrupted } from './demoProcess';

const NOT_DENIED = `S3 denies it to role '${PROFILE}'`;

describe('the endings of the demo', () => {
  test.each([
    [[], [MODES.happy.outcome, 'the execution is SUCCEEDED']],
    [['--fail'], [MODES.fail.outcome, "The script's exit code: 7.", 'ScriptFailed: The script ended with exit code 7']],
    [
      ['--abort'],
      [MODES.abort.outcome, 'WaitToRestore', 'Recovered', '✔ the script was cancelled', 'ExecutionAborted'],
    ],
  ])(
    '%j: as it should be, within 30 s',
    async (options, lines) => {
      const { code, stdout, seconds } = await demo(...options);
      for (const line of [...lines, '✔ it is who it was before', '✔ the grant is gone']) expect(stdout).toContain(line);
      expect(stdout.split(`✔ ${NOT_DENIED}`)).toHaveLength(3);
      expect(stdout.split('exit code 7 was asked for')).toHaveLength(options.includes('--fail') ? 2 : 1);
      expect(code).toBe(0);
      expect(seconds).toBeLessThan(30);
    },
    60_000,
  );

  test.each(['The elevation', 'The script is at work'])(
    'Ctrl-C at %j leaves nothing behind',
    async (moment) => {
      const folder = scratchFolder('demo');
      const { code, stdout, stderr, group } = await interrupted(folder, moment, '--abort');
      expect([code, stderr]).toEqual([130, '']);
      expect(stdout).toContain('nothing of the embedded account remains');
      expect(() => process.kill(-group, 0)).toThrow('ESRCH');
      // tsx keeps what it has compiled.
      expect(readdirSync(folder).filter((name) => !name.startsWith('tsx-'))).toEqual([]);
    },
    60_000,
  );

  test('a claim that is not true is said', async () => {
    const aws = createLocalAws({ clock: wallClock(10) });
    const lines: string[] = [];
    const output = { write: (line: string) => lines.push(line) } as unknown as NodeJS.WriteStream;
    try {
      const endpoint = await aws.listen();
      await aws.deploy(ASSEMBLY, { assumeCreated: true });
      const stage = await setStage(aws, endpoint);
      // The role has the permission anyway.
      await aws.world.asRoot('iam', 'PutRolePolicy', {
        RoleName: PROFILE,
        PolicyName: 'too-much',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
        }),
      });
      await aws.world.clock.sleep(aws.world.delays.iamPropagation);
      const broken = await new Story(stage, MODES.happy, createProgress(output)).tell();
      expect(broken).toContain(NOT_DENIED);
      expect(lines.join('')).toContain(`NOT TRUE: ${NOT_DENIED}`);
    } finally {
      await aws.close();
    }
  }, 60_000);
});
