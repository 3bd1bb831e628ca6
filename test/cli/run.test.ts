import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { stepup } from '../support/command';
import { scratchFolder } from '../support/scratch';
import { createStage, INSTANCE } from '../support/stage';

const folder = scratchFolder('command');
mkdirSync(folder, { recursive: true });

/** A local file with these lines. */
function script(name: string, ...lines: string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const RUN = ['run', '--instance', INSTANCE, '--grant', 'run-remote-script'];

describe('stepup run', () => {
  test('follows the run to its end and prints the output', async () => {
    const stage = await createStage();
    const ran = await stepup(stage, [
      ...RUN,
      '--script',
      script('hello.sh', 'echo hello', 'sleep 90'),
      '--name',
      'mine',
    ]);
    expect(ran.err).toBe('');
    expect(ran).toMatchObject({ code: 0, out: 'hello\n' });
    expect(ran.err).toContain('CreateTempRole');
    expect(ran.err).toContain("✔ Done: the script's exit code is 0.");
    expect(ran.err.match(/AwaitScript/g)).toHaveLength(1);
  });

  test('a script that fails is 1, and its output comes before the restore', async () => {
    const stage = await createStage();
    const { code, out, err } = await stepup(stage, [...RUN, '--script', script('fail.sh', 'echo before', 'exit 7')]);
    expect({ code, out }).toEqual({ code: 1, out: 'before\n' });
    expect(err).toContain('✖ ScriptFailed: The script ended with exit code 7');
  });

  test('--json prints one document', async () => {
    const stage = await createStage();
    const { code, out } = await stepup(stage, [...RUN, '--script', script('exit.sh', 'echo x', 'exit 3'), '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      exitCode: 1,
      error: 'ScriptFailed',
      status: 'FAILED',
      script: { exitCode: 3, stdout: 'x\n' },
      request: { instanceId: INSTANCE, grant: 'run-remote-script' },
      recovery: null,
    });
  });
});
