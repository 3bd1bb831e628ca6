import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createLocalAws, type LocalAws, wallClock } from '../../../local';
import { virtualClock } from '../../../local/clock/virtual';
import type { FunctionDefinition, InvokeResult } from '../../../local/world';
import { assembly } from './assembly';

const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

const ref = (name: string) => ({ Ref: name });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const trust = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: ['lambda.amazonaws.com', 'states.amazonaws.com'] },
      Action: 'sts:AssumeRole',
    },
  ],
};
const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const inline = (PolicyName: string, action: string) => ({ PolicyName, PolicyDocument: allow(action) });
const roleOf = (more: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { RoleName: 'worker', AssumeRolePolicyDocument: trust, ...more },
});
const functionOf = (key: string, colour: string, name = 'work') => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: name,
    Role: arnOf('Role'),
    Code: { S3Key: key },
    Environment: { Variables: { COLOUR: colour } },
  },
});
const version = { Type: 'AWS::Lambda::Version', DeletionPolicy: 'Retain', Properties: { FunctionName: ref('Fn') } };
/** A machine that calls `version`. */
const machine = (version: string, name = 'machine') => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: name,
    DefinitionString:
      '{"StartAt":"Rest","States":{"Rest":{"Type":"Wait","Seconds":60,"Next":"Do"},"Do":{"Type":"Task","Resource":"${fn}","End":true}}}',
    DefinitionSubstitutions: { fn: ref(version) },
    RoleArn: arnOf('Role'),
  },
});

type Answer = (event: Record<string, never>, fn: FunctionDefinition) => Promise<unknown> | unknown;

function account(answer: Answer = (_, { environment }) => environment.COLOUR) {
  const clock = virtualClock();
  const aws = createLocalAws({
    clock,
    launcher: {
      launch: (fn) => ({
        invoke: async (event): Promise<InvokeResult> => ({ payload: await answer(event as Record<string, never>, fn) }),
        close: () => undefined,
      }),
    },
  });
  open.push(aws);
  const { world } = aws;
  return {
    aws,
    clock,
    world,
    /** And waits until everybody sees what was made in IAM. */
    deploy: (resources: object, key?: string) =>
      clock.run(aws.deploy(assembly(resources, key)).then(() => clock.sleep(30_000))),
    iam: (name: string, input: object) => world.asRoot('iam', name, input),
    invoke: (name: string) =>
      clock.run(
        world.lambda.invoke(
          `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
          {},
          {
            kind: 'root',
            arn: 'arn:aws:iam::123456789012:root',
            userId: '123456789012',
            issuedAt: 0,
          },
        ),
      ),
  };
}

describe('an update', () => {
  test('leaves alone what is the same, and changes a role in place', async () => {
    const { deploy, iam } = account();
    const tags = (...pairs: [string, string][]) => ({ Tags: pairs.map(([Key, Value]) => ({ Key, Value })) });
    await deploy({
      Role: roleOf({ Policies: [inline('a', 's3:GetObject'), inline('b', 's3:PutObject')], ...tags(['x', '1']) }),
    });
    const { Role: before } = await iam('GetRole', { RoleName: 'worker' });
    await deploy({
      Role: roleOf({
        Description: 'new',
        Policies: [inline('a', 's3:ListBucket'), inline('c', 's3:PutObject')],
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
        PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess',
        ...tags(['y', '2']),
      }),
    });
    const { Role: after } = await iam('GetRole', { RoleName: 'worker' });
    expect(after).toMatchObject({ RoleId: before.RoleId, Description: 'new', ...tags(['y', '2']) });
    expect(after.PermissionsBoundary.PermissionsBoundaryArn).toMatch('AdministratorAccess');
    expect(await iam('ListRolePolicies', { RoleName: 'worker' })).toMatchObject({ PolicyNames: ['a', 'c'] });
    const { PolicyDocument } = await iam('GetRolePolicy', { RoleName: 'worker', PolicyName: 'a' });
    expect(decodeURIComponent(PolicyDocument)).toContain('s3:ListBucket');
    expect((await iam('ListAttachedRolePolicies', { RoleName: 'worker' })).AttachedPolicies).toHaveLength(1);

    await deploy({ Role: roleOf({ Policies: [inline('a', 's3:ListBucket')] }) });
    const { Role: last } = await iam('GetRole', { RoleName: 'worker' });
    expect([last.RoleId, last.PermissionsBoundary, last.Tags]).toEqual([before.RoleId, undefined, undefined]);
    expect((await iam('ListAttachedRolePolicies', { RoleName: 'worker' })).AttachedPolicies).toEqual([]);
  });

  test('with another physical name replaces: the new one is made before the old one goes', async () => {
    const { deploy, iam } = account();
    await deploy({ Role: roleOf() });
    await deploy({ Role: roleOf({ RoleName: 'other' }) });
    const { Roles } = await iam('ListRoles', {});
    expect(Roles.map(({ RoleName }: { RoleName: string }) => RoleName)).toEqual(['other']);
    // The same name in another path: CloudFormation would have to make it while the old one is there.
    await expect(deploy({ Role: roleOf({ RoleName: 'other', Path: '/x/' }) })).rejects.toThrow('already exists');
    expect((await iam('GetRole', { RoleName: 'other' })).Role.Path).toBe('/');
  });

  test.each([
    ['Delete', false],
    ['Retain', true],
    ['RetainExceptOnCreate', true],
  ])('what is removed under DeletionPolicy %s stays: %s', async (DeletionPolicy, stays) => {
    const { deploy, iam } = account();
    const Policy = (name: string) => ({
      Type: 'AWS::IAM::ManagedPolicy',
      DeletionPolicy,
      Properties: { ManagedPolicyName: name, PolicyDocument: allow('s3:GetObject') },
    });
    await deploy({ A: Policy('a') });
    await deploy({ B: Policy('b') });
    const { Policies } = await iam('ListPolicies', { Scope: 'Local' });
    const names = Policies.map(({ PolicyName }: { PolicyName: string }) => PolicyName).sort();
    expect(names).toEqual(stays ? ['a', 'b'] : ['b']);
  });

  test('a function changes; its published version has the code and environment that it was published with', async () => {
    const { deploy, invoke } = account((_, { environment, code }) => `${environment.COLOUR} ${code.length > 0}`);
    await deploy({ Role: roleOf(), Fn: functionOf('a.zip', 'red'), V1: version }, 'a.zip');
    await deploy({ Role: roleOf(), Fn: functionOf('b.zip', 'blue'), V2: version }, 'b.zip');
    expect(await invoke('work')).toEqual({ payload: 'blue true' });
    expect(await invoke('work:1')).toEqual({ payload: 'red true' });
    expect(await invoke('work:2')).toEqual({ payload: 'blue true' });
  });

  test('a version that is not retained goes, and with a function all of its versions', async () => {
    const { deploy, invoke } = account();
    const gone = { ...version, DeletionPolicy: undefined };
    await deploy({ Role: roleOf(), Fn: functionOf('a.zip', 'red'), V1: gone, Kept: version }, 'a.zip');
    await deploy({ Role: roleOf(), Fn: functionOf('a.zip', 'blue'), V2: version }, 'a.zip');
    await expect(invoke('work:1')).rejects.toThrow('Function not found');
    expect(await invoke('work:2')).toEqual({ payload: 'red' });
    await deploy({ Role: roleOf() }, 'a.zip');
    await expect(invoke('work:2')).rejects.toThrow('Function not found');
  });

  const mayInvoke = { Policies: [inline('invoke', 'lambda:InvokeFunction')] };
  const start = (stage: ReturnType<typeof account>, name: string) =>
    stage.world.asRoot('states', 'StartExecution', {
      stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:machine',
      name,
      input: '{}',
    });
  const outputOf = async ({ world }: ReturnType<typeof account>, executionArn: string) =>
    world.asRoot('states', 'DescribeExecution', { executionArn });

  test('an execution goes on with the definition that it began with', async () => {
    const stage = account();
    const release = (n: number, colour: string) => ({
      Role: roleOf(mayInvoke),
      Fn: functionOf('a.zip', colour),
      [`V${n}`]: version,
      Machine: machine(`V${n}`),
    });
    await stage.deploy(release(1, 'red'), 'a.zip');
    const { executionArn: first } = await start(stage, 'first');
    await stage.deploy(release(2, 'blue'), 'a.zip');
    const { executionArn: second } = await start(stage, 'second');
    await stage.clock.run(stage.clock.sleep(120_000));
    expect(await outputOf(stage, first)).toMatchObject({ status: 'SUCCEEDED', output: '"red"' });
    expect(await outputOf(stage, second)).toMatchObject({ status: 'SUCCEEDED', output: '"blue"' });
  });

  test('executions of a machine that is replaced are terminated', async () => {
    const stage = account();
    const release = (name: string) => ({
      Role: roleOf(mayInvoke),
      Fn: functionOf('a.zip', 'red'),
      V1: version,
      Machine: machine('V1', name),
    });
    await stage.deploy(release('machine'), 'a.zip');
    const { executionArn } = await start(stage, 'first');
    const told = jest.spyOn(stage.world.events, 'publish');
    await stage.deploy(release('another'), 'a.zip');
    expect(await outputOf(stage, executionArn)).toMatchObject({ status: 'RUNNING' });
    await expect(start(stage, 'late')).rejects.toMatchObject({ code: 'StateMachineDeleting' });
    const stateMachineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:machine';
    const describe = () => stage.world.asRoot('states', 'DescribeStateMachine', { stateMachineArn });
    expect(await describe()).toMatchObject({ status: 'DELETING' });
    await stage.clock.run(stage.clock.sleep(60_000));
    await expect(start(stage, 'later')).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' });
    expect(told).not.toHaveBeenCalled();
    await expect(stage.world.asRoot('states', 'RedriveExecution', { executionArn })).rejects.toMatchObject({
      code: 'ExecutionNotRedrivable',
    });
    expect(await outputOf(stage, executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'State machine machine has been deleted',
    });
  });

  test('that fails takes everything back, and what it made', async () => {
    const { deploy, iam, invoke } = account();
    const policy = (DeletionPolicy: string, name: string) => ({
      Type: 'AWS::IAM::ManagedPolicy',
      DeletionPolicy,
      Properties: { ManagedPolicyName: name, PolicyDocument: allow('s3:GetObject') },
    });
    await deploy({ Role: roleOf({ Description: 'old' }), Fn: functionOf('a.zip', 'red') }, 'a.zip');
    const broken = {
      Role: roleOf({ Description: 'new' }),
      Fn: functionOf('b.zip', 'blue'),
      Kept: policy('Retain', 'kept'),
      Gone: policy('RetainExceptOnCreate', 'gone'),
      Broken: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/x', Type: 'StringList', Value: 'a,b' } },
    };
    await expect(deploy(broken, 'b.zip')).rejects.toThrow('StringList');
    expect((await iam('GetRole', { RoleName: 'worker' })).Role.Description).toBe('old');
    expect(await invoke('work')).toEqual({ payload: 'red' });
    const { Policies } = await iam('ListPolicies', { Scope: 'Local' });
    expect(Policies.map(({ PolicyName }: { PolicyName: string }) => PolicyName)).toEqual(['kept']);
  });
});

test('what has no name gets one of its own each time', async () => {
  const { deploy, iam } = account();
  const policy = (Description: string) => ({
    Type: 'AWS::IAM::ManagedPolicy',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: { Description, PolicyDocument: allow('s3:GetObject') },
  });
  await deploy({ Policy: policy('one') });
  await deploy({ Policy: policy('two') });
  await deploy({});
  await deploy({ Policy: policy('two') });
  const { Policies } = await iam('ListPolicies', { Scope: 'Local' });
  const names = Policies.map(({ PolicyName }: { PolicyName: string }) => PolicyName);
  expect(new Set(names).size).toBe(3);
});

test('a destroyed stack leaves what it retains', async () => {
  const { aws, clock, deploy, iam, invoke } = account();
  const Policy = {
    Type: 'AWS::IAM::ManagedPolicy',
    DeletionPolicy: 'RetainExceptOnCreate',
    Properties: { ManagedPolicyName: 'p', PolicyDocument: allow('s3:GetObject') },
  };
  await deploy({ Role: roleOf(), Policy, Fn: functionOf('a.zip', 'red'), V1: version }, 'a.zip');
  await clock.run(aws.destroy('S'));
  expect((await iam('ListRoles', {})).Roles).toEqual([]);
  expect((await iam('ListPolicies', { Scope: 'Local' })).Policies).toHaveLength(1);
  await expect(invoke('work:1')).rejects.toThrow('Function not found');
});

describe('a custom resource', () => {
  type Event = {
    RequestType: string;
    ResponseURL: string;
    StackId: string;
    RequestId: string;
    LogicalResourceId: string;
    PhysicalResourceId?: string;
    ResourceProperties: object;
    OldResourceProperties?: object;
  };
  /** The function answers as `statusOf` says. */
  function custom(statusOf: (event: Event) => object | undefined = () => ({})) {
    const events: Event[] = [];
    const stage = account((event) => {
      const { StackId, RequestId, LogicalResourceId, ResponseURL } = event as unknown as Event;
      events.push(event as unknown as Event);
      const more = statusOf(event as unknown as Event);
      const common = { Status: 'SUCCESS', StackId, RequestId, LogicalResourceId, PhysicalResourceId: 'it' };
      if (more) stage.aws.putAnswer(ResponseURL, { ...common, ...more });
    });
    const release = (properties: object, more: object = {}) => ({
      Role: roleOf(),
      Fn: functionOf('a.zip', 'red'),
      Thing: { Type: 'Custom::Thing', Properties: { ServiceToken: arnOf('Fn'), ...properties } },
      ...more,
    });
    const deploy = (properties: object, more?: object) => stage.deploy(release(properties, more), 'a.zip');
    return { ...stage, events, change: deploy };
  }

  test('is created, updated and deleted by a function, which is asked only when something changes', async () => {
    const { change, aws, clock, events } = custom();
    await change({ size: 1, list: [true] });
    await change({ size: 1, list: [true] });
    await change({ size: 2 });
    await clock.run(aws.destroy('S'));
    const arn = 'arn:aws:lambda:us-east-1:123456789012:function:work';
    expect(events.map(({ RequestType }) => RequestType)).toEqual(['Create', 'Update', 'Delete']);
    expect(events[0]).toMatchObject({
      ResourceType: 'Custom::Thing',
      LogicalResourceId: 'Thing',
      ResourceProperties: { ServiceToken: arn, size: '1', list: ['true'] },
    });
    expect(events[1]).toMatchObject({
      PhysicalResourceId: 'it',
      ResourceProperties: { ServiceToken: arn, size: '2' },
      OldResourceProperties: { ServiceToken: arn, size: '1', list: ['true'] },
    });
    expect(events[2]).toMatchObject({ PhysicalResourceId: 'it', ResourceProperties: { ServiceToken: arn, size: '2' } });
  });

  test('another physical id is a replacement: the former one is deleted in the end', async () => {
    const { change, events } = custom(({ ResourceProperties }) => ({
      PhysicalResourceId: (ResourceProperties as { name: string }).name,
    }));
    await change({ name: 'a' });
    await change({ name: 'b' });
    const asked = events.map(({ RequestType, PhysicalResourceId = '' }) => `${RequestType} ${PhysicalResourceId}`);
    expect(asked).toEqual(['Create ', 'Update a', 'Delete a']);
  });

  test('that refuses an update has everything taken back, itself too', async () => {
    const { change, events, iam } = custom(({ OldResourceProperties, ResourceProperties }) =>
      OldResourceProperties && (ResourceProperties as { size: string }).size === '2'
        ? { Status: 'FAILED', Reason: 'Too large.' }
        : {},
    );
    await change({ size: 1 });
    const policy = {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { ManagedPolicyName: 'p', PolicyDocument: allow('a:b') },
    };
    const refusal =
      /^Received response status \[FAILED\] from custom resource. Message returned: Too large. \(RequestId: \S+\)$/;
    await expect(change({ size: 2 }, { Policy: { ...policy, DependsOn: 'Thing' } })).rejects.toThrow(refusal);
    expect(events.map(({ ResourceProperties }) => (ResourceProperties as { size: string }).size)).toEqual([
      '1',
      '2',
      '1',
    ]);
    expect((await iam('ListPolicies', { Scope: 'Local' })).Policies).toEqual([]);
  });

  test('that refuses to be deleted leaves the stack whole', async () => {
    const { change, aws, clock, events, iam } = custom(({ RequestType }) =>
      RequestType === 'Delete' && events.length < 3 ? { Status: 'FAILED', Reason: 'Not yet.' } : {},
    );
    await change({});
    await expect(clock.run(aws.destroy('S'))).rejects.toThrow('Not yet.');
    expect((await iam('ListRoles', {})).Roles).toHaveLength(1);
    await clock.run(aws.destroy('S'));
    expect((await iam('ListRoles', {})).Roles).toEqual([]);
  });

  test('that says nothing fails after an hour', async () => {
    const { change, clock } = custom(() => undefined);
    const before = clock.now();
    await expect(change({})).rejects.toThrow('CloudFormation did not receive a response from your Custom Resource.');
    expect(clock.now() - before).toBe(3_600_000 + 6_000);
  });

  test('puts its answer over loopback, when time is real', async () => {
    const put = async (event: unknown): Promise<InvokeResult> => {
      const { ResponseURL, StackId, RequestId, LogicalResourceId } = event as Event;
      const answer = { Status: 'SUCCESS', PhysicalResourceId: 'it', StackId, RequestId, LogicalResourceId };
      const { status } = await fetch(ResponseURL, { method: 'PUT', body: JSON.stringify(answer) });
      return { payload: status };
    };
    const launcher = { launch: () => ({ invoke: put, close: () => undefined }) };
    const aws = createLocalAws({ clock: wallClock(1_000), launcher });
    open.push(aws);
    const Thing = { Type: 'Custom::Thing', Properties: { ServiceToken: arnOf('Fn') } };
    const Name = { Type: 'AWS::SSM::Parameter', Properties: { Name: '/it', Type: 'String', Value: ref('Thing') } };
    await aws.deploy(assembly({ Role: roleOf(), Fn: functionOf('abc.zip', 'red'), Thing, Name }));
    expect((await aws.world.asRoot('ssm', 'GetParameter', { Name: '/it' })).Parameter.Value).toBe('it');
  });

  test('its answer is checked, and it keeps its function', async () => {
    const { change } = custom(({ RequestType }) => (RequestType === 'Create' ? { StackId: 'another' } : {}));
    await expect(change({})).rejects.toThrow('Invalid response');
    const { change: move } = custom();
    await move({});
    const Other = functionOf('a.zip', 'red', 'other');
    await expect(move({ ServiceToken: arnOf('Other') }, { Other })).rejects.toThrow(
      'Modifying service token is not allowed.',
    );
  });
});
