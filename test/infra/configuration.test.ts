import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { configurationSchema, parseOrExplain, readConfiguration, settingsSchema } from '../../infra/config';
import { warn } from '../../infra/warnings';
import type { Catalogue } from '../../state-machine/catalogue';
import { scratchFolder } from '../support/scratch';
import { ofType, synth } from './synth';

const NAME = 'must be a letter first, then letters, digits and hyphens: it becomes part of names';
const RESERVED = 'must not begin with aws, amazon or amzn: such names of documents are reserved for AWS';
const CONCURRENCY = 'false, or how many of each, such as {"restore":20,"recover":5,"sweep":1}';
const CEILING = 'statements, a policy, or the name of a JSON file with either';
const longest = (count: number) =>
  `at most ${count} characters: it becomes part of names, of which the longest are full then`;
const TEXT = 'letters, digits, blanks and _ . : / = + - @ only';

describe('a wrong configuration is refused, and the message says what to do', () => {
  test.each<[string, object, string, string?]>([
    ['stackName', { stackName: '1st' }, `'1st' ${NAME}`],
    ['stackName', { stackName: 'A'.repeat(26) }, longest(25)],
    ['deployment', { deployment: 'step up' }, `'step up' ${NAME}`],
    ['deployment', { deployment: 'A'.repeat(41) }, longest(40)],
    ['restorableRoles', { restorableRoles: [] }, "name at least one role, or '*'"],
    ['restorableRoles', { restorableRoles: undefined }, "'restorableRoles' is required."],
    ['deployment', { deployment: 'aws-jobs' }, RESERVED],
    ['deployment', { deployment: 'Amazon' }, RESERVED],
    ['stackName', { stackName: 'AMZNjobs' }, RESERVED],
    [
      'restorableRoles[0]',
      { restorableRoles: ['app'] },
      "'app' must be the ARN of a role, with wildcards if need be, or '*'",
    ],
    [
      'inheritablePolicies[0]',
      { inheritablePolicies: ['ReadOnlyAccess'] },
      "'ReadOnlyAccess' must be the ARN of a managed policy, with wildcards if need be, or '*'",
    ],
    ['grantsFolder', { grantsFolder: '' }, 'the name of a folder'],
    ...[true, 20, null].map((reservedConcurrency): [string, object, string] => [
      'reservedConcurrency',
      { reservedConcurrency },
      CONCURRENCY,
    ]),
    [
      'reservedConcurrency.restore',
      { reservedConcurrency: { restore: '3' } },
      'Invalid input: expected number, received string',
    ],
    ['inheritCeiling', { inheritCeiling: 5 }, CEILING],
    [
      'inheritCeiling[0].Action',
      { inheritCeiling: [{ Effect: 'Allow', Action: 5 }] },
      'expected string, received number; or expected array, received number',
    ],
    [
      'inheritCeiling.Version',
      { inheritCeiling: { Version: '2008-10-17', Statement: [] } },
      'Invalid input: expected "2012-10-17"',
    ],
    ['', { restorableRole: 1 }, "There is no 'restorableRole' here; did you mean 'restorableRoles'?"],
    ['core', { core: { ownBucket: [] } }, "There is no 'ownBucket' here; did you mean 'ownBuckets'?"],
    [
      'core.ownBuckets[0]',
      { core: { ownBuckets: [{ s3: 's3://abc', encripted: true }] } },
      "There is no 'encripted' here; did you mean 'encrypted'?",
    ],
    [
      'core',
      { core: { zzz: 1 } },
      "There is no 'zzz' here. There is: awsBucketsOf, ownBuckets, cloudWatchAgent, directoryService.",
    ],
    ['reservedConcurrency', { reservedConcurrency: { sweeps: 1 } }, "There is no 'sweeps' here; did you mean 'sweep'?"],
    ['tags["aws:owner"]', { tags: { 'aws:owner': 'x' } }, "keys that begin with 'aws:' are AWS's own: choose another"],
    [
      'tags["StepUp:grants"]',
      { tags: { 'StepUp:grants': 'x' } },
      "keys that begin with 'stepup:' decide what StepUp does: choose another",
    ],
    ['tags["a#b"]', { tags: { 'a#b': 'x' } }, `a key has ${TEXT}`],
    [`tags.${'a'.repeat(129)}`, { tags: { ['a'.repeat(129)]: 'x' } }, 'a key has at most 128 characters'],
    ['tags.a', { tags: { a: 1 } }, 'the value of a tag is text: put it into quotes'],
    ['tags.a', { tags: { a: 'x'.repeat(257) } }, 'a value has at most 256 characters'],
    ['tags.a', { tags: { a: '<x>' } }, `a value has ${TEXT}`],
    ['tags', { tags: { a: '1', A: '2' } }, 'two keys differ only in capital letters, and IAM takes them for one'],
    [
      'tags',
      { tags: Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`k${n}`, 'v'])) },
      'at most 40 tags: AWS allows 50, with those that others add',
    ],
  ])('%s', (at, change, message) => {
    const parse = () =>
      parseOrExplain('stepup.config.json', configurationSchema, { restorableRoles: ['*'], ...change });
    const expected = `stepup.config.json is not valid.\n✖ ${message}${at ? `\n  → at ${at}` : ''}`;
    expect(parse).toThrow(new Error(expected));
  });

  test('whose retention CloudWatch Logs does not know', () => {
    const parse = () => parseOrExplain('x', configurationSchema, { restorableRoles: ['*'], logRetentionDays: 12 });
    expect(parse).toThrow(/expected one of 1\|3\|5\|7\|14\|30.*\n {2}→ at logRetentionDays/);
  });
});

describe('a file', () => {
  const folder = scratchFolder('configuration');
  const file = join(folder, 'stepup.config.json');

  test.each([
    ['that is empty', '\n', `${file} is empty: {} is the least.`],
    ['that is not JSON', '{"restorableRoles": [}', `${file} is not JSON: `],
    ['that holds a list', '[]', `${file} is not valid.\n✖ Invalid input: expected object, received array`],
  ])('%s', (_, text, message) => {
    writeFileSync(file, text);
    expect(() => readConfiguration(file)).toThrow(message);
  });

  test('that is not there, or a folder', () => {
    expect(() => readConfiguration(join(folder, 'none.json'))).toThrow(`${join(folder, 'none.json')} does not exist.`);
    expect(() => readConfiguration(folder)).toThrow(`${folder} is no file.`);
  });

  test('may begin with a byte order mark', () => {
    writeFileSync(file, `\uFEFF${JSON.stringify({ restorableRoles: ['*'] })}`);
    expect(readConfiguration(file).restorableRoles).toEqual(['*']);
  });

  /** As the CDK's command line runs the app. */
  const runApp = () =>
    spawnSync(process.execPath, [require.resolve('tsx/cli'), 'infra/bin/stepup.ts'], {
      cwd: join(__dirname, '..', '..'),
      env: { ...process.env, CDK_OUTDIR: join(folder, 'out'), CDK_CONTEXT_JSON: JSON.stringify({ config: file }) },
      encoding: 'utf8',
    });

  test('synth says so in one line, and fails', () => {
    writeFileSync(file, '{');
    const { status, stderr } = runApp();
    expect(status).toBe(1);
    expect(stderr).toContain(`${file} is not JSON: `);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('synth says as little of what is wrong in the stack', () => {
    mkdirSync(join(folder, 'none'));
    writeFileSync(file, JSON.stringify({ restorableRoles: ['*'], grantsFolder: 'none' }));
    const { status, stderr, stdout } = runApp();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^grantsFolder: .*none has no NAME\.json: [^\n]*\n$/);
  });
});

describe('synth warns of', () => {
  const grant = { description: 'any', maxMinutes: 60, policy: { Version: '2012-10-17' as const, Statement: [] } };
  const warnings = (change: object, grants: Catalogue['grants'] = {}) => {
    const stack = new Stack();
    const settings = settingsSchema.parse({ restorableRoles: ['arn:aws:iam::*:role/app'], ...change });
    warn(stack, settings, { outliving: {}, schedules: [], catalogue: { grants } });
    const said = stack.node.metadata.filter(({ type }) => type === 'aws:cdk:warning');
    return said.map(({ data }) => String(data)).join();
  };

  test('what has no effect', () => {
    const given = {
      inheritCeiling: [{ Effect: 'Allow' as const, Action: 's3:*', Resource: '*' }],
      inheritablePolicies: ['arn:*:iam::aws:policy/AmazonSSM*'],
    };
    const idle = warnings({ ...given, inherit: false });
    expect(idle).toContain('inheritCeiling has no effect: inherit is false.');
    expect(idle).toContain('inheritablePolicies has no effect: inherit is false.');
    expect(warnings({ inherit: false })).toBe('');
    expect(warnings(given)).toBe('');
  });

  test('a hold that goes round the documents of its grant', () => {
    const patch = { ...grant, documents: ['AWS-RunPatchBaseline', 'mend'] };
    expect(warnings({}, { patch })).toMatch(/Grant 'patch' is for AWS-RunPatchBaseline, mend, .* Say "hold": false/);
    expect(warnings({}, { patch: { ...patch, hold: true } })).toBe('');
    expect(warnings({}, { patch: { ...patch, hold: false } })).toBe('');
    expect(warnings({}, { script: { ...grant, documents: ['mend', 'AWS-RunShellScript'] } })).toBe('');
  });

  test('mails that lead nowhere', () => {
    const alarmEmail = 'ops@example.com';
    expect(warnings({ alarmEmail })).toContain('docs/runbook.md, a path that nobody can open');
    expect(warnings({ alarmEmail, runbookUrl: 'https://example.com/runbook' })).toBe('');
  });
});

test('tags are on everything that takes tags', () => {
  const resources = synth({ tags: { team: 'ops', 'cost-centre': '4711' } });
  const tagged = ['Role', 'Function', 'StateMachine', 'LogGroup', 'Queue', 'Topic', 'Document', 'Rule'];
  const list = [
    { Key: 'cost-centre', Value: '4711' },
    { Key: 'team', Value: 'ops' },
  ];
  const found = Object.values(resources.resources).filter(({ Type }) => tagged.includes(Type.split('::')[2] ?? ''));
  expect(new Set(found.map(({ Type }) => Type)).size).toBeGreaterThan(6);
  for (const { Type, Properties } of found) expect([Type, Properties.Tags]).toEqual([Type, list]);
  for (const [, { Properties }] of ofType(resources, 'AWS::SSM::Parameter')) {
    expect(Properties.Tags).toEqual({ team: 'ops', 'cost-centre': '4711' });
  }
});
