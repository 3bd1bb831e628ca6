import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { exampleNames, readWorldFile } from '../../cli/local/worldFile';
import { scratchFolder } from '../support/scratch';

let files = 0;
function worldOf(yaml: string): string {
  files += 1;
  const path = join(folder, `${files}.yaml`);
  writeFileSync(path, yaml);
  return path;
}
const folder = scratchFolder('world');
const read = (yaml: string) => readWorldFile(worldOf(yaml)).world;

describe('a world file', () => {
  test.each(exampleNames())('the example %s is one', (name) => {
    const { world, path } = readWorldFile(name);
    expect(path).toMatch(`${name}.yaml`);
    expect(Object.keys(world.instances).length).toBeGreaterThan(0);
  });

  test('may be empty', () => {
    expect(read('# nothing\n')).toMatchObject({
      account: '123456789012',
      region: 'us-east-1',
      users: {},
      instances: {},
    });
  });

  test('may be JSON', () => {
    expect(read('{"users": {"jane": {"accessKeys": ["generated"]}}}').users).toMatchObject({ jane: { tags: {} } });
  });

  test('has entries without settings', () => {
    expect(read('buckets:\n  empty-one:\nusers:\n')).toMatchObject({
      buckets: { 'empty-one': { objects: {} } },
      users: {},
    });
  });

  test('names are what is written', () => {
    const { users } = read('users: { 007: , null: , 1e3: , yes: , constructor: , "*": }');
    expect(Object.keys(users)).toEqual(['007', 'null', '1e3', 'yes', 'constructor', '*']);
  });

  test('policies may be repeated by reference', () => {
    const { roles } = read(`
roles:
  one: { trust: ec2.amazonaws.com, policies: &all { read: [{ Effect: Allow, Action: "s3:*", Resource: "*" }] } }
  two: { trust: ec2.amazonaws.com, policies: *all }
`);
    expect(roles.two?.policies).toEqual(roles.one?.policies);
  });
});

describe('mistakes are named with line and field', () => {
  test.each([
    ['users:\n  jane: {}\nroels: {}', "line 3, roels: there is no field 'roels' here; did you mean 'roles'?"],
    [
      'roles:\n  app:\n    trsut: ec2.amazonaws.com',
      "line 3, roles.app.trsut: there is no field 'trsut' here; did you mean 'trust'?",
    ],
    ['roles:\n  app:\n    trsut: ec2.amazonaws.com', 'line 2, roles.app.trust: say who may assume the role'],
    ['users:\n  jane:\n    shoeSize: 9', "there is no field 'shoeSize' here (there are: path, managedPolicies,"],
    ['account: 000123456789', 'line 1, account: must be a text: put it in quotes'],
    ['account: "12"', 'line 1, account: an account id has twelve digits'],
    ['region: cn-north-1', 'a region looks like us-east-1 (China and GovCloud are other partitions)'],
    ['# first\ninstances:\n  i-12: {}', 'line 3, instances.i-12: an instance id looks like i-0123456789abcdef0'],
    ['instances:\n  i-01234567: { platform: windows }', 'did you mean Windows?'],
    [
      'instances:\n  i-01234567: { tags: { count: 3 } }',
      'line 2, instances.i-01234567.tags.count: must be a text: put it in quotes',
    ],
    ['instances:\n  i-01234567: { state: pending }', 'expected one of "running"|"stopped"'],
    [
      'roles: { app: { trust: ec2.amazonaws.com, profile: true } }\ninstances:\n  i-01234567:\n    profile: ap',
      "line 4, instances.i-01234567.profile: there is no instance profile 'ap'; did you mean 'app'?",
    ],
    ['instances: { i-01234567: { profile: app } }', 'list it under profiles, or give its role profile: true'],
    ['users: { jane: { accessKeys: [gnerated] } }', "line 1, users.jane.accessKeys.0: give 'generated', or { id: …"],
    ['users: { jane: { accessKeys: [{ id: AKIA1, secret: x }] } }', 'accessKeys.0.id: an access key id is AKIA and 16'],
    [
      'users:\n  jane:\n    policies:\n      read:\n        - Effect: allow',
      `line 5, users.jane.policies.read.0.Effect: Invalid option: expected one of "Allow"|"Deny"; did you mean Allow?`,
    ],
    [
      'policies:\n  read:\n    - Effect: Allow\n      Actions: "s3:*"',
      "line 4, policies.read.0.Actions: there is no field 'Actions' here; did you mean 'Action'?",
    ],
    ['policies: { read: [{ Action: "s3:*" }] }', 'line 1, policies.read.0.Effect: is missing'],
    [
      'policies:\n  read:\n    document:\n      Statement:\n        Resourec: "*"',
      "line 5, policies.read.document.Statement.Resourec: there is no field 'Resourec' here; did you mean 'Resource'?",
    ],
    [
      'policies: { read: { document: { version: 2012-10-17, Statement: [] } } }',
      "policies.read.document.version: there is no field 'version' here; did you mean 'Version'?",
    ],
    [
      'users: { jane: { policies: { read: { Effect: Allow } } } }',
      'users.jane.policies.read: give a list of statements',
    ],
    [
      'roles: { app: { trust: { Statement: [{ Effect: Allow, Principals: x }] } } }',
      "roles.app.trust.Statement.0.Principals: there is no field 'Principals' here; did you mean 'Principal'?",
    ],
    ['roles: { app: { trust: { Service: ec2.amazonaws.com } } }', 'roles.app.trust: say who may assume the role'],
    ['users: { jane: { policies: { read: s3 } } }', 'users.jane.policies.read: give a list of statements'],
    ['roles: { app: { trust: 123456789012 } }', 'account ids (in quotes)'],
    ['buckets:\n  one:\n    objects:\n      a b.txt: text', 'line 4, buckets.one.objects["a b.txt"]: give { text: … }'],
    ['try: aws s3 ls', 'line 1, try: Invalid input: expected array, received string'],
    ['- a list', 'line 1, the file: Invalid input: expected object, received array'],
  ])('%j', (yaml, sentence) => {
    expect(() => read(yaml)).toThrow(sentence);
  });

  test('all of them at once', () => {
    const yaml = 'account: 1\nregion: 2\nusers: { jane: { path: 3 } }\n';
    expect(() => read(yaml)).toThrow(
      /describes no world:\n {2}line 1, account.*\n {2}line 2, region.*\n {2}line 3, users\.jane\.path/,
    );
  });

  test.each([
    ['users: {', 'is no YAML'],
    ['users: {}\nusers: {}', 'Map keys must be unique at line 2'],
    ['users: !secret x', 'Unresolved tag: !secret'],
    ['a: {}\n---\nb: {}', 'multiple documents'],
    ['users: { jane: *nobody }', 'Unresolved alias'],
    ['users:\n  __proto__: {}', 'line 2: nothing can be called __proto__ here'],
  ])('%j is not read', (yaml, sentence) => {
    expect(() => read(yaml)).toThrow(sentence);
  });
});

test('of a slip in the YAML the first error only', () => {
  const said = () => read('users:\n  jane: [\nroles: {\n  app: x: y');
  expect(said).toThrow(/is no YAML:\n.* at line 3/);
  expect(said).not.toThrow(/(at line.*){2}/s);
});

describe('which file', () => {
  test('an example that is nearly named', () => {
    expect(() => readWorldFile('fleat')).toThrow("There is no example world 'fleat'; did you mean 'fleet'?");
    expect(() => readWorldFile('elsewhere')).toThrow(`The examples are ${exampleNames().join(', ')}`);
  });

  test('a file that cannot be read', () => {
    expect(() => readWorldFile('./no-such.yaml')).toThrow(/The world file cannot be read: ENOENT.*no-such\.yaml/);
    expect(() => readWorldFile(folder)).toThrow('The world file cannot be read: EISDIR');
  });
});
