import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../../local';
import { virtualClock } from '../../../local/clock/virtual';
import { createCloudFormation } from '../../../local/deploy';
import type { World } from '../../../local/world';
import { synth } from '../../infra/synth';
import { assembly } from './assembly';

const ref = (name: string) => ({ Ref: name });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

/** Deliberately in the wrong order. */
const RESOURCES = {
  Allow: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: arnOf('Fn'),
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: arnOf('Rule'),
    },
  },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: { EventPattern: { source: ['aws.states'] }, Targets: [{ Arn: arnOf('Fn'), Id: 'T' }] },
  },
  Clock: {
    Type: 'AWS::Events::Rule',
    Properties: { Name: 'clock', ScheduleExpression: 'rate(1 minute)', Targets: [{ Arn: arnOf('Fn'), Id: 'T' }] },
  },
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: { 'Fn::Sub': '${AWS::StackName}-machine' },
      DefinitionString: '{"StartAt":"Do","States":{"Do":{"Type":"Task","Resource":"${fn}","End":true}}}',
      DefinitionSubstitutions: { fn: ref('Version') },
      RoleArn: arnOf('Role'),
    },
  },
  Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: ref('Fn') } },
  Fn: {
    Type: 'AWS::Lambda::Function',
    DependsOn: ['Policy'],
    Properties: {
      Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: 'abc.zip' },
      Role: arnOf('Role'),
      Timeout: 7,
      Environment: { Variables: { WHERE: { 'Fn::Join': ['/', [ref('AWS::Region'), ref('Stage')]] } } },
    },
  },
  Policy: {
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'P', PolicyDocument: { Resource: arnOf('Logs') }, Roles: [ref('Role')] },
  },
  Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] }, Path: '/x/' } },
  Logs: { Type: 'AWS::Logs::LogGroup', Properties: {} },
  Value: {
    Type: 'AWS::SSM::Parameter',
    Properties: { Name: '/a/b', Type: 'String', Value: { 'Fn::Select': ['1', { 'Fn::Split': ['-', ref('Logs')] }] } },
  },
  Document: { Type: 'AWS::SSM::Document', Properties: { Name: 'doc', Content: { schemaVersion: '2.2' } } },
};

const deploy = (world: World, folder: string) => createCloudFormation(world).deploy(folder);

/** Remembers what is put into it. */
function recorder() {
  const calls: [string, unknown][] = [];
  const note = (what: string) => (value: unknown) => void calls.push([what, value]);
  const world = {
    account: '123456789012',
    region: 'eu-central-1',
    partition: 'aws',
    ids: { unique: () => 'ABCDEFGHIJKLMNOPQ' },
    lambda: { putFunction: note('function') },
    states: { putStateMachine: note('machine') },
    events: { putRule: note('rule') },
    ssm: { putDocument: note('document'), putParameter: note('parameter') },
    asRoot: async (_: string, name: string, input: { RoleName: string }) => {
      calls.push([name, input]);
      return { Role: { Arn: `arn:aws:iam::123456789012:role/x/${input.RoleName}` } };
    },
  } as unknown as World;
  return { world, all: (what: string) => calls.filter(([name]) => name === what).map(([, value]) => value) };
}

describe('a hand-written assembly', () => {
  const { world, all } = recorder();
  const folder = assembly(RESOURCES);
  const fn = 'arn:aws:lambda:eu-central-1:123456789012:function:S-Fn';
  const rule = 'arn:aws:events:eu-central-1:123456789012:rule/S-Rule';

  test('becomes what it describes', async () => {
    await deploy(world, folder);
    expect(all('CreateRole')).toEqual([
      { RoleName: 'S-Role', Path: '/x/', AssumeRolePolicyDocument: '{"Statement":[]}' },
    ]);
    expect(all('PutRolePolicy')).toEqual([
      { RoleName: 'S-Role', PolicyName: 'P', PolicyDocument: expect.stringContaining('S-Logs') },
    ]);
    expect(all('machine')).toEqual([
      {
        name: 'S-machine',
        arn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:S-machine',
        roleName: 'S-Role',
        definition: { StartAt: 'Do', States: { Do: { Type: 'Task', Resource: `${fn}:1`, End: true } } },
      },
    ]);
    expect(all('rule')).toEqual([
      { name: 'S-Rule', arn: rule, pattern: { source: ['aws.states'] }, targets: [{ arn: fn }] },
      { name: 'clock', arn: rule.replace('S-Rule', 'clock'), schedule: 'rate(1 minute)', targets: [{ arn: fn }] },
    ]);
    expect(all('document')).toEqual([{ name: 'doc', content: { schemaVersion: '2.2' }, owner: '123456789012' }]);
    expect(all('CreateLogGroup')).toEqual([{ logGroupName: 'S-Logs-ABCDEFGHIJKLM' }]);
    expect(all('parameter')).toEqual([{ name: '/a/b', value: 'Logs' }]);
  });

  test('functions come with their version and folder; a permission is on the function alone', () => {
    const latest = {
      name: 'S-Fn',
      arn: fn,
      environment: { WHERE: 'eu-central-1/test' },
      roleName: 'S-Role',
      timeout: 7,
      code: join(folder, 'asset.abc'),
      permissions: [],
    };
    const permissions = [{ principal: 'events.amazonaws.com', sourceArn: rule }];
    expect(all('function')).toEqual([
      latest,
      { ...latest, permissions },
      { ...latest, version: '1' },
      { ...latest, permissions },
    ]);
  });
});

test.each<[string, object, string]>([
  ['an unknown type', { Table: { Type: 'AWS::DynamoDB::Table' } }, 'Table: AWS::DynamoDB::Table is not supported'],
  ['a condition', { R: { ...RESOURCES.Role, Condition: 'C' } }, 'R: conditions are not supported'],
  [
    'an unknown function',
    { R: { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::If': ['C', 'a', 'b'] } } } },
    'Fn::If',
  ],
  ['an unknown name', { R: { Type: 'AWS::IAM::Role', Properties: { RoleName: ref('Nobody') } } }, 'Ref Nobody'],
  [
    'an unknown attribute',
    { L: RESOURCES.Logs, R: { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::GetAtt': ['L', 'Size'] } } } },
    'L.Size',
  ],
  [
    'an item that a list does not have',
    { R: { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::Select': [2, { 'Fn::Split': ['/', 'a/b'] }] } } } },
    'Fn::Select: there is no item 2',
  ],
  ['a circle', { A: { ...RESOURCES.Logs, DependsOn: 'B' }, B: { ...RESOURCES.Logs, DependsOn: 'A' } }, 'A -> B -> A'],
])('%s is refused', async (_, resources, message) => {
  await expect(deploy(recorder().world, assembly(resources))).rejects.toThrow(message);
});

test('a folder relative to where the process is', async () => {
  const { world, all } = recorder();
  const folder = assembly(RESOURCES);
  await deploy(world, relative(process.cwd(), folder));
  expect(all('function')).toContainEqual(expect.objectContaining({ code: join(folder, 'asset.abc') }));
});

test('the synthesised stack', async () => {
  const aws = createLocalAws({ clock: virtualClock() });
  await aws.deploy(synth().folder, { assumeCreated: true });
  const { Roles } = await aws.world.asRoot('iam', 'ListRoles', {});
  expect(Roles.map(({ RoleName }: { RoleName: string }) => RoleName)).toContain('StepUp-us-east-1-restore');
  const { stateMachines } = await aws.world.asRoot('states', 'ListStateMachines', {});
  expect(stateMachines.map(({ name }: { name: string }) => name)).toEqual([
    'StepUp-us-east-1-recovery',
    'StepUp-us-east-1-elevation',
  ]);
  await aws.close();
});
