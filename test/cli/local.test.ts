import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import { exportLines } from '../../cli/local/environment';
import { removeExports, writeExports } from '../../cli/local/exportsFile';
import { main } from '../../cli/main';
import { realSurroundings } from '../../cli/surroundings';
import type { World } from '../../local';
import { scratchFolder } from '../support/scratch';
import { ASSEMBLY } from '../support/stage';
import { isUp, STEPUP, started, startLocal } from './localProcess';

const folder = scratchFolder('local');

/** What a shell has after it has evaluated the lines. */
function evaluated(lines: string): Record<string, string> {
  const env = { PATH: process.env.PATH ?? '', AWS_PROFILE: 'other', AWS_SESSION_TOKEN: 'old', STEPUP_API: 'old' };
  const output = execFileSync('sh', ['-c', `${lines}\nenv`], { encoding: 'utf8', env });
  return Object.fromEntries(
    output.split('\n').flatMap((line) => (/^(AWS|STEPUP)_/.test(line) ? [line.split(/=(.*)/s)] : [])),
  );
}

function clientsOf(env: Record<string, string>): [STSClient, SFNClient, IAMClient] {
  const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID!, secretAccessKey: env.AWS_SECRET_ACCESS_KEY! };
  const settings = { endpoint: env.AWS_ENDPOINT_URL!, region: env.AWS_REGION!, credentials };
  return [new STSClient(settings), new SFNClient(settings), new IAMClient(settings)];
}

test('stepup local: up, used, stopped with Ctrl-C', async () => {
  const exports = join(folder, 'aws.env');
  const local = startLocal('--assembly', ASSEMBLY, '--exports', exports, '--user', 'operator');
  await isUp(local, exports);
  expect(statSync(exports).mode & 0o777).toBe(0o600);
  const [mark, ...lines] = readFileSync(exports, 'utf8').split('\n');
  expect(mark).toBe('# written by stepup local');
  expect(local.stdout()).toContain(lines.join('\n'));
  // The whole output can be evaluated, comments included.
  const env = evaluated(local.stdout());
  const variables = ['ACCESS_KEY_ID', 'DEFAULT_REGION', 'ENDPOINT_URL', 'REGION', 'SECRET_ACCESS_KEY'];
  expect(Object.keys(env).sort()).toEqual([...variables.map((name) => `AWS_${name}`), 'STEPUP_API']);
  expect(env.AWS_ENDPOINT_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(local.stdout()).toMatch(/# as admin:\n# {3}export AWS_ACCESS_KEY_ID='AKIA/);
  expect(local.stdout()).toMatch(/# as root:\n/);

  const [sts, sfn, iam] = clientsOf(env);
  expect((await sts.send(new GetCallerIdentityCommand())).Arn).toBe('arn:aws:iam::123456789012:user/operator');
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand());
  expect(stateMachines).toHaveLength(2);
  for (const { stateMachineArn } of stateMachines) expect(local.stderr()).toContain(stateMachineArn);
  await expect(iam.send(new CreateUserCommand({ UserName: 'denied' }))).rejects.toThrow('is not authorized');
  const [, admin = ''] = /# as admin:\n# {3}(.*)/.exec(local.stdout()) ?? [];
  const [, , asAdmin] = clientsOf(evaluated(`${local.stdout()}\n${admin}`));
  await asAdmin.send(new CreateUserCommand({ UserName: 'made-here' }));
  const [, metadata] = /AWS_EC2_METADATA_SERVICE_ENDPOINT='(.*)'/.exec(local.stdout()) ?? [];
  const asked = { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' } };
  expect((await fetch(`${metadata}/latest/api/token`, asked)).status).toBe(200);

  expect(env.STEPUP_API).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  const unsigned = await fetch(`${env.STEPUP_API}/grants`);
  expect([unsigned.status, unsigned.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
  expect(await unsigned.json()).toMatchObject({ title: 'NotSigned', status: 403 });
  expect(local.stderr()).toContain('"$STEPUP_API/grants"');

  process.kill(local.pid, 'SIGINT');
  expect(await local.ended).toBe(0);
  expect(local.stderr()).toMatch(
    /Left:\n {2}made {5}1 user: made-here\n {2}changed {2}1 log group: \S+ApiLogs\S+ \(events\)\nThe/,
  );
  expect(existsSync(exports)).toBe(false);
  await expect(fetch(env.AWS_ENDPOINT_URL!)).rejects.toThrow('fetch failed');
}, 30_000);

test('SIGTERM says what is left, too', async () => {
  const exports = join(folder, 'term.env');
  const local = startLocal('--no-deploy', '--world', 'assume-role', '--exports', exports);
  await isUp(local, exports);
  expect(local.stderr()).toContain('none: the stack is not deployed');
  process.kill(local.pid, 'SIGTERM');
  expect(await local.ended).toBe(0);
  expect(local.stderr()).toContain('Left: nothing but what the account began with (not');
}, 30_000);

describe('when the parent has gone', () => {
  /** Starts it as the child of a process that ends when its input does. */
  async function orphan(npmCommand: string, name: string) {
    const exports = join(folder, name);
    const command = [STEPUP, 'local', '--no-deploy', '--world', 'assume-role', '--exports', exports];
    const env = { ...process.env, npm_command: npmCommand };
    const child = `require('child_process').spawn(process.execPath, ${JSON.stringify(command)}, { stdio: 'inherit' })`;
    const script = `process.stderr.write('pid ' + ${child}.pid + '\\n'); setInterval(() => {}, 1000)`;
    const local = started(spawn(process.execPath, ['-e', script], { env }));
    await isUp(local, exports);
    process.kill(local.pid, 'SIGTERM');
    return { local, exports, pid: Number(/^pid (\d+)$/m.exec(local.stderr())?.[1]) };
  }

  test('npx, it stops as with SIGTERM', async () => {
    const { local, exports } = await orphan('exec', 'npx.env');
    // Both have closed the output.
    await local.ended;
    expect(local.stderr()).toContain('The account is gone, with all that was in it.');
    expect(existsSync(exports)).toBe(false);
  }, 30_000);

  test('any other, it stays', async () => {
    const { local, exports, pid } = await orphan('run-script', 'nohup.env');
    // Four times what npx's child takes to see it.
    await sleep(1_000);
    const { AWS_ENDPOINT_URL: endpoint = '' } = evaluated(readFileSync(exports, 'utf8'));
    expect((await fetch(endpoint)).status).toBeGreaterThanOrEqual(400);
    process.kill(pid, 'SIGTERM');
    await local.ended;
    expect(local.stderr()).toContain('The account is gone');
  }, 30_000);
});

describe('what is refused, with exit code 2', () => {
  const surroundings = realSurroundings();

  /** In this process: nothing may be started. */
  async function refused(...options: string[]) {
    const ran = { out: '', err: '' };
    const code = await main(['local', ...options], {
      ...surroundings,
      out: (text) => {
        ran.out += text;
      },
      err: (text) => {
        ran.err += text;
      },
    });
    expect([code, ran.out]).toEqual([2, '']);
    return ran.err;
  }

  test.each([
    [['--port', '65536'], 'Give a number from 0 to 65535.'],
    [['--port', 'http'], 'Give a number from 0 to 65535.'],
    [['--speed', '0'], 'Give a number above 0, at most 100.'],
    [['--speed', 'fast'], 'Give a number above 0, at most 100.'],
    [['--wrld', 'fleet'], 'Did you mean --world?'],
    [['--world', 'flet'], "did you mean 'fleet'?"],
    [['--world', 'no/such.yaml'], 'The world file cannot be read: ENOENT'],
    [['fleet'], 'too many arguments'],
    [['--user', 'operater'], "The world has no user 'operater' with an access key; did you mean 'operator'?"],
    [['--world', 'fleet', '--user', 'nobody'], 'there are: admin, operator, root'],
    [['--exports', '/no/such/aws.env'], 'The file of --exports cannot be written: ENOENT'],
    [['--exports', 'package.json'], 'package.json is there already, and stepup local has not written it.'],
    [['--assembly', '/no/such'], '/no/such is no cloud assembly: it has no manifest.json'],
    [['--assembly', ASSEMBLY, '--no-deploy'], '--assembly and --no-deploy contradict each other'],
  ])('%j', async (options, sentence) => {
    expect(await refused(...options)).toContain(sentence);
  });

  test('a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const said = await refused('--no-deploy', '--port', String(port));
    expect(said).toContain(`Port ${port} cannot be used: something listens there already.`);
    server.close();
  });

  test('a world in which the stack finds no place', async () => {
    const path = join(folder, 'taken.yaml');
    writeFileSync(path, 'roles: { StepUp-us-east-1-elevation: { trust: states.amazonaws.com } }');
    expect(await refused('--world', path, '--assembly', ASSEMBLY)).toContain(
      'The stack cannot be deployed into this account: Role with name StepUp-us-east-1-elevation already exists.',
    );
  });

  test('a world that AWS refuses', async () => {
    const path = join(folder, 'bad.yaml');
    writeFileSync(path, 'users:\n  jane doe:\n');
    expect(await refused('--world', path)).toContain(
      `${path}, line 2, users["jane doe"]: ValidationError: 1 validation`,
    );
  });
});

describe('the lines to export', () => {
  test('survive every sign in a secret', () => {
    const world = { endpoint: 'http://127.0.0.1:1', region: 'eu-central-1' } as World;
    const secret = 'it\'s $HOME `id` \\ "quoted" /+=';
    expect(evaluated(exportLines(world, { user: 'jane', id: 'AKIA', secret }))).toEqual({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: secret,
    });
  });

  test('are written for their owner only', () => {
    const path = join(folder, 'mode.env');
    writeFileSync(path, '# written by stepup local\nmuch longer than what comes', { mode: 0o644 });
    writeExports(path, 'new');
    const text = '# written by stepup local\nnew';
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([text, 0o600]);
  });

  test('are written over nothing but earlier ones, and removed with nothing else', () => {
    const path = join(folder, 'mine.env');
    writeFileSync(path, 'SECRET=1\n');
    expect(() => writeExports(path, 'new')).toThrow('mine.env is there already, and stepup local has not written it');
    removeExports(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('SECRET=1\n');
    rmSync(path);
    writeExports(path, 'first');
    writeExports(path, 'of another account');
    removeExports(path, 'first');
    expect(readFileSync(path, 'utf8')).toContain('of another account');
    removeExports(path, 'of another account');
    expect(existsSync(path)).toBe(false);
    removeExports(path, 'of another account');
  });

  test('are written to regular files only', () => {
    const path = join(folder, 'directory');
    mkdirSync(path);
    expect(() => writeExports(path, 'new')).toThrow(`${path} is no regular file`);
    symlinkSync('/dev/null', join(folder, 'link'));
    expect(() => writeExports(join(folder, 'link'), 'new')).toThrow('is no regular file');
    expect(() => writeExports(join(folder, 'no', 'such'), 'new')).toThrow(
      'The file of --exports cannot be written: ENOENT',
    );
  });
});
