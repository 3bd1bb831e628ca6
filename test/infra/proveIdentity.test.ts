import { execFile } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { proveIdentity } from '../../infra/documents/proveIdentity';
import { scratchFolder } from '../support/scratch';

const ROLE = `stepup-${'0123456789abcdef'.repeat(2)}`;
const SECRET = 'the-secret-key';
const content = proveIdentity();

let server: Server | undefined;
afterEach(() => void server?.close());

/** An IMDSv2 that names `roles` one after the other, the last for ever. */
async function imds(roles: string[], code = 'Success'): Promise<string> {
  const path = '/latest/meta-data/iam/security-credentials/';
  const pages: Record<string, () => string> = {
    [path]: () => (roles.length > 1 ? roles.shift()! : roles[0]!),
    [path + ROLE]: () => JSON.stringify({ Code: code, SecretAccessKey: SECRET }, null, 2),
  };
  server = createServer((request, response) => {
    if (request.method === 'PUT' && request.url === '/latest/api/token') return response.end('a-token');
    const known = request.headers['x-aws-ec2-metadata-token'] === 'a-token';
    const page = pages[request.url ?? ''];
    if (!known) return response.writeHead(401).end();
    const body = page?.();
    return body ? response.end(body) : response.writeHead(404).end('not found');
  });
  await new Promise<void>((resolve) => void server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** The tools that a small machine has, and curl only if told. */
function tools(withCurl: boolean): string {
  const folder = scratchFolder('tools');
  for (const name of ['sh', 'bash', 'sed', 'date', 'sleep', ...(withCurl ? ['curl'] : [])]) {
    const from = ['/bin', '/usr/bin'].map((bin) => join(bin, name)).find(existsSync);
    if (from) symlinkSync(from, join(folder, name));
  }
  return folder;
}

function run(endpoint: string, { patience = 45, curl = true } = {}) {
  const script = content.mainSteps[0]!.inputs.runCommand.join('\n')
    .replaceAll('{{ roleName }}', ROLE)
    .replace('+ 45', `+ ${patience}`);
  const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, PATH: tools(curl) };
  return new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
    execFile('/bin/sh', ['-c', script], { env }, (error, stdout, stderr) =>
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe.each([
  ['curl', true],
  ['bash alone', false],
])('the prove script with %s', (_, curl) => {
  test('prints the role when the metadata service names it, and no credential', async () => {
    expect(await run(await imds([ROLE]), { curl })).toEqual({ exitCode: 0, stdout: `${ROLE}\n`, stderr: '' });
  });

  test('waits for it', async () => {
    expect(await run(await imds(['app', ROLE]), { curl })).toMatchObject({ exitCode: 0, stdout: `${ROLE}\n` });
  });

  test('says what it saw instead', async () => {
    const { exitCode, stdout, stderr } = await run(await imds(['app']), { patience: 0, curl });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`expected the role ${ROLE}; the metadata service names 'app'`);
  });

  test('is not content with a role that EC2 cannot assume', async () => {
    const { exitCode, stderr } = await run(await imds([ROLE], 'AssumeRoleUnauthorizedAccess'), { patience: 0, curl });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("answers 'AssumeRoleUnauthorizedAccess'");
    expect(stderr).not.toContain(SECRET);
  });

  test('an instance without a profile', async () => {
    const { exitCode, stderr } = await run(await imds(['']), { patience: 0, curl });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("names ''");
  });
});

describe('the prove document', () => {
  test('takes nothing but the name of a temp role', () => {
    const allowed = new RegExp(content.parameters.roleName.allowedPattern);
    expect(Object.keys(content.parameters)).toEqual(['roleName']);
    expect(allowed.test(ROLE)).toBe(true);
    expect(allowed.test(`${ROLE}'; id #`)).toBe(false);
    expect(allowed.test(`${ROLE}\nid`)).toBe(false);
  });

  test('has a step for each platform', () => {
    expect(content.mainSteps.map(({ name, action, precondition }) => ({ name, action, precondition }))).toEqual([
      { name: 'proveLinux', action: 'aws:runShellScript', precondition: { StringEquals: ['platformType', 'Linux'] } },
      {
        name: 'proveWindows',
        action: 'aws:runPowerShellScript',
        precondition: { StringEquals: ['platformType', 'Windows'] },
      },
    ]);
    for (const { inputs } of content.mainSteps) {
      expect(inputs.timeoutSeconds).toBe('60');
      expect(inputs.runCommand.filter((line) => line.includes('{{'))).toHaveLength(1);
    }
  });
});
