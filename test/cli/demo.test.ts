import { describe, expect, test } from '@jest/globals';
import { demo } from './demoProcess';

/** Each test starts a process. */
const LIMIT = 60_000;

describe('npm run demo', () => {
  test(
    'shows the main job: denied before, allowed during, denied after',
    async () => {
      const { code, stdout, stderr } = await demo();
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(stdout.split('\n')[0]).toMatch(/waits are shortened ten times .* real seconds/);
      expect(
        stdout.match(/AccessDenied: User: arn:aws:sts::\d+:assumed-role\/app\/i-\w+ is not authorized/g),
      ).toHaveLength(2);
      expect(stdout).toMatch(/role app\n.+role stepup-[0-9a-f]{32}\n.+role app\n/s);
      expect(stdout).toMatch(/^ *[\d.]+ s {2}SwapProfile +Exchanges/m);
      expect(stdout).toContain("The script's exit code: 0.");
      expect(stdout).toMatch(
        /^\d+ +LambdaFunctionScheduled +CreateTempRole +StepUp-us-east-1-createTempRole:1 +[\d.]+$/m,
      );
      expect(stdout).toMatch(/Role stepup-[0-9a-f]{32} drains/);
      expect(stdout).toMatch(/sweep deletes it after 20.*, in 7\.0 hours/);
      expect(stdout).not.toContain('NOT TRUE');
      expect(stdout.trim().split('\n').at(-1)).toMatch(/^✔ The script was denied, allowed, and denied again/);
    },
    LIMIT,
  );

  test.each([
    [['--bogus'], "Unknown option '--bogus'"],
    [['--fail', '--abort'], 'give one'],
  ])(
    '%j is refused',
    async (options, why) => {
      const { code, stdout, stderr } = await demo(...options);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(why);
    },
    LIMIT,
  );

  test(
    '--help has examples',
    async () => {
      const { code, stdout } = await demo('--help');
      expect(code).toBe(0);
      expect(stdout).toContain('npm run demo -- --abort');
    },
    LIMIT,
  );
});
