import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { createLocalAws, operations } from '../../local';

/** The embedded AWS is a side building: it has what somebody calls, and stays small beside the product. */
const ROOT = join(__dirname, '..', '..');
const aws = createLocalAws();
afterAll(() => aws.close());

/** Tracked and new files below the folders (or the files themselves), by their endings. */
function sources(endings: RegExp, ...paths: string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...paths], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((file) => endings.test(file) && existsSync(join(ROOT, file)));
}
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** Who may keep an operation alive: the product, its users' documentation, deployment, and procedures that it meets. */
const CALLERS = [
  ...['functions', 'infra', 'cli', 'README.md', 'local/deploy'],
  ...['test/flow', 'test/support', 'test/state-machine', 'test/procedures'],
];
/** The AWS CLI's high-level commands, which name no operation. */
const BEHIND_S3_COMMANDS = { ls: ['ListBuckets', 'ListObjectsV2'], cp: ['HeadObject', 'GetObject', 'PutObject'] };

const kebab = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();

test('every operation has a caller', () => {
  const text = sources(/\.(ts|cjs|md|sh)$/, ...CALLERS)
    .map(read)
    .join('\n');
  const s3Commands = Object.entries(BEHIND_S3_COMMANDS).filter(([command]) => text.includes(`'s3', '${command}'`));
  const behind = s3Commands.flatMap(([, names]) => names);
  const isCalled = (name: string) =>
    behind.includes(name) ||
    new RegExp(`\\b${name}Command\\b|\\bpaginate${name}\\b|'(${name}|${kebab(name)})'`).test(text) ||
    // As a person types it.
    new RegExp(`\\b(ec2|iam|sts|ssm|logs|s3api|stepfunctions) ${kebab(name)}\\b`).test(text);
  const all = operations(aws.world).map(({ name }) => name);
  expect(all.length).toBeGreaterThan(40);
  expect(all.filter((name) => !isCalled(name))).toEqual([]);
});

test('it is at most one and a half times the source of the product', () => {
  const lines = (...folders: string[]) =>
    sources(/\.(ts|cjs|json|sh|ps1)$/, ...folders)
      .filter((file) => statSync(join(ROOT, file)).isFile())
      .reduce((sum, file) => sum + read(file).split('\n').length - 1, 0);
  const product = lines('functions', 'state-machine', 'infra', 'cli');
  expect(product).toBeGreaterThan(1000);
  expect(lines('local')).toBeLessThanOrEqual(1.5 * product);
});
