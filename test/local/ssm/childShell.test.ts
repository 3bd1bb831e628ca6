import { tmpdir } from 'node:os';
import { afterEach, describe, expect, test } from '@jest/globals';
import { wallClock } from '../../../local/clock';
import { childShell } from '../../../local/ssm';
import { closeWorlds, fakeWorld, INSTANCE } from './fakeWorld';

afterEach(closeWorlds);

/** Runs a script as a real child process; world time runs 20 times as fast. */
async function run(commands: string[], parameters: Record<string, string[]> = {}) {
  const world = fakeWorld(wallClock(20), childShell());
  const Parameters = { commands, ...parameters };
  const input = { InstanceIds: [INSTANCE], DocumentName: 'AWS-RunShellScript', TimeoutSeconds: 30, Parameters };
  const { CommandId } = (await world.call('SendCommand', input)).Command;
  for (;;) {
    const view = await world.call('GetCommandInvocation', { CommandId, InstanceId: INSTANCE });
    if (!['Pending', 'InProgress'].includes(view.Status)) return view;
    await world.clock.sleep(200);
  }
}

describe('scripts that really run', () => {
  test('exit code and both streams', async () => {
    const view = await run(['echo out', 'echo err >&2', 'exit 7']);
    expect(view).toMatchObject({ Status: 'Failed', ResponseCode: 7, StandardOutputContent: 'out\n' });
    expect(view.StandardErrorContent).toBe('err\nfailed to run commands: exit status 7');
  });

  test('an interpreter of their own', async () => {
    const view = await run([`#!${process.execPath}`, 'console.log(1 + 1)']);
    expect(view).toMatchObject({ Status: 'Success', StandardOutputContent: '2\n' });
  });

  test('one that kills its own shell has failed', async () => {
    expect(await run(['echo begin', 'kill -9 $$'])).toMatchObject({
      Status: 'Failed',
      ResponseCode: 137,
      StandardOutputContent: 'begin\n',
    });
  });

  test('one that outlives its timeout is killed with its children', async () => {
    const view = await run(['echo $$', 'sleep 60 & wait'], { executionTimeout: ['5'] });
    expect(view).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut', ResponseCode: 137 });
    const group = Number(view.StandardOutputContent);
    expect(group).toBeGreaterThan(1);
    expect(() => process.kill(-group, 0)).toThrow('ESRCH');
  });

  test('one that leaves a process behind does not wait for it, and it ends', async () => {
    const view = await run(['echo $$', 'sleep 60 &', 'kill -9 $$']);
    expect(view).toMatchObject({ Status: 'Failed', ResponseCode: 137 });
    expect(() => process.kill(-Number(view.StandardOutputContent), 0)).toThrow('ESRCH');
  });

  test('3 MB of output neither block nor are kept', async () => {
    const view = await run(['head -c 3000000 /dev/zero | tr "\\0" x', 'echo end >&2']);
    expect(view).toMatchObject({ Status: 'Success', StandardErrorContent: 'end\n' });
    expect(view.StandardOutputContent).toHaveLength(24_000);
  });

  test('their environment holds nothing of ours but PATH', async () => {
    process.env.STEPUP_TEST_SECRET = 'secret';
    const view = await run(['env', 'pwd']);
    delete process.env.STEPUP_TEST_SECRET;
    const lines: string[] = view.StandardOutputContent.trim().split('\n');
    const names = lines.slice(0, -1).map((line) => line.split('=')[0]);
    expect(names.sort()).toEqual(
      [
        ...['AWS_DEFAULT_REGION', 'AWS_EC2_METADATA_SERVICE_ENDPOINT', 'AWS_ENDPOINT_URL', 'AWS_REGION'],
        ...['AWS_SSM_INSTANCE_ID', 'AWS_SSM_REGION_NAME', 'HOME', 'LANG', 'PATH', 'PWD'],
      ].sort(),
    );
    expect(lines.at(-1)).toContain(tmpdir());
  });

  test('PowerShell, or a clear word that it is missing', async () => {
    const { signal } = new AbortController();
    const options = { kind: 'powershell', script: 'exit 4', env: { PATH: '/nowhere' }, cwd: '/', signal } as const;
    const result = await childShell().run({ ...options, instanceId: INSTANCE });
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('not installed') });
  });
});
