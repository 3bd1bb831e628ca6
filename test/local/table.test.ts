import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { transformSync } from 'esbuild';
import { createLocalAws, operations } from '../../local';
import { SERVICE_PRINCIPALS } from '../../local/iam/servicePrincipals';
import { DEFAULT_ASSUMPTIONS, DEFAULT_DELAYS } from '../../local/world';

const ROOT = join(__dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'local-aws.md'), 'utf8');
const section = (title: string) => page.split(/^## /m).find((text) => text.startsWith(title)) ?? '';
/** The cells of a section's table, below its head. */
const rows = (title: string) =>
  section(title)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

const aws = createLocalAws();
afterAll(() => aws.close());

test('the table is the registry', () => {
  const registry = operations(aws.world).map(({ service, name, support }) => [service, name, support]);
  expect(rows('Operations')).toEqual(registry.sort(([a, b], [c, d]) => (`${a}${b}` < `${c}${d}` ? -1 : 1)));
  expect(registry.filter(([, , support]) => !/^(full$|partial: )/.test(support!))).toEqual([]);
});

test('the delays are those of the code', () => {
  const listed = rows('Time').map(([name, milliseconds]) => [name, Number(milliseconds?.replaceAll(',', ''))]);
  expect(Object.fromEntries(listed)).toEqual(DEFAULT_DELAYS);
});

test('the assumptions are those of the code', () => {
  expect(rows('Assumptions').map(([name]) => name)).toEqual(Object.keys(DEFAULT_ASSUMPTIONS));
});

/** What the table of policies names in the rows that begin so. */
const listed = (row: string) =>
  rows('Policies')
    .filter(([what]) => what?.startsWith(row))
    .flatMap(([, names = '']) => Array.from(names.matchAll(/`([^`]+)`/g), ([, name]) => name))
    .sort();

test('the condition keys are those that the code sets', () => {
  const key = /'((?:aws|ec2|iam|s3|ssm|sts):[\w-]+)':|`((?:aws|ec2|iam|s3|ssm|sts):\w+\/)\$\{/g;
  const found = readdirSync(join(ROOT, 'local'), { recursive: true, encoding: 'utf8' })
    // A policy's own condition, and the plugins of SSM's documents.
    .filter((file) => file.endsWith('.ts') && !/(iam.managedPolicies|ssm.documents)\.ts$/.test(file))
    .flatMap((file) => [...readFileSync(join(ROOT, 'local', file), 'utf8').matchAll(key)])
    .map(([, name, tag]) => name ?? tag);
  expect(listed('keys')).toEqual([...new Set(found)].sort());
});

test('the AWS managed policies and the services are those that are there', async () => {
  const { Policies } = await aws.world.asRoot('iam', 'ListPolicies', { Scope: 'AWS' });
  expect(listed('AWS managed policies')).toEqual(
    Policies.map(({ PolicyName }: { PolicyName: string }) => PolicyName).sort(),
  );
  const services = listed('service principals').map((name) => `${name}.amazonaws.com`);
  expect(services.sort()).toEqual([...SERVICE_PRINCIPALS].sort());
});

test('every file with an unconfirmed assumption is named, and no other', () => {
  const files = readdirSync(join(ROOT, 'local'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|cjs)$/.test(file))
    .map((file) => join('local', file))
    .filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('Unconfirmed'));
  const named = rows('Unconfirmed').flatMap(([file = '']) => file.split(', '));
  expect(named.sort()).toEqual(files.sort());
});

test('the example runs', async () => {
  const [, source = ''] = /```ts\n(.*?)```/s.exec(page) ?? [];
  const module = { exports: {} as { example(): Promise<unknown> } };
  const load = (name: string) => require(name.startsWith('.') ? join(ROOT, 'docs', name) : name);
  new Function('require', 'module', transformSync(source, { loader: 'ts', format: 'cjs' }).code)(load, module);
  expect(await module.exports.example()).toEqual({
    id: expect.stringMatching(/^i-/),
    found: [expect.objectContaining({ State: 'associated' })],
  });
});
