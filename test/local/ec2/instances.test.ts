import { describe, expect, test } from '@jest/globals';
import { failure, fakeWorld } from './fakeWorld';

const UNKNOWN = 'i-0123456789abcdef0';

function fleet() {
  const fake = fakeWorld();
  fake.profile('app');
  const web = fake.world.ec2.addInstance({ tags: { Name: 'web-1', 'stepup:grants': 'read' }, profile: 'app' });
  const db = fake.world.ec2.addInstance({ tags: { Name: 'db-1' }, platform: 'Windows', state: 'stopped' });
  const found = (input: object): string[] =>
    fake
      .call('DescribeInstances', input)
      .Reservations.map((item: { Instances: { InstanceId: string }[] }) => item.Instances[0]?.InstanceId);
  const state = (id: string) => fake.world.ec2.instance(id)?.state;
  return { ...fake, web, db, found, state };
}

describe('DescribeInstances', () => {
  test('shows state, profile, platform, metadata options, address and tags', () => {
    const { call, web, db, profiles, clock } = fleet();
    const app = profiles.get('app');
    const [first, second] = call('DescribeInstances').Reservations;
    expect(first.Instances).toEqual([
      {
        InstanceId: web.id,
        State: { Code: 16, Name: 'running' },
        StateTransitionReason: '',
        LaunchTime: new Date(clock.now()),
        Placement: { AvailabilityZone: 'eu-central-1a', Tenancy: 'default' },
        PrivateIpAddress: web.privateIp,
        PrivateDnsName: 'ip-10-0-0-4.eu-central-1.compute.internal',
        PublicDnsName: '',
        ImageId: expect.stringMatching(/^ami-/),
        InstanceType: 't3.micro',
        Architecture: 'x86_64',
        Monitoring: { State: 'disabled' },
        SecurityGroups: [],
        Platform: undefined,
        PlatformDetails: 'Linux/UNIX',
        IamInstanceProfile: { Arn: app?.arn, Id: app?.id },
        MetadataOptions: { State: 'applied', HttpTokens: 'required', HttpEndpoint: 'enabled' },
        Tags: [
          { Key: 'Name', Value: 'web-1' },
          { Key: 'stepup:grants', Value: 'read' },
        ],
      },
    ]);
    expect(second.Instances[0]).toMatchObject({
      InstanceId: db.id,
      State: { Code: 80, Name: 'stopped' },
      Platform: 'windows',
      IamInstanceProfile: undefined,
    });
  });

  test('filters by id, state and tag, with wildcards; several filters narrow down', () => {
    const { found, web, db } = fleet();
    const by = (...filters: [string, ...string[]][]) =>
      found({ Filters: filters.map(([Name, ...Values]) => ({ Name, Values })) });
    expect(by(['instance-id', db.id])).toEqual([db.id]);
    expect(by(['instance-id', UNKNOWN])).toEqual([]);
    expect(by(['instance-state-name', 'running', 'pending'])).toEqual([web.id]);
    expect(by(['tag:stepup:grants', '*'])).toEqual([web.id]);
    expect(by(['tag:Name', '??-1'])).toEqual([db.id]);
    expect(by(['tag:Name', '*-1'], ['instance-state-name', 'stopped'])).toEqual([db.id]);
    expect(by(['tag:Name', 'web.1'])).toEqual([]);
  });

  test('filters by what is shown', () => {
    const { found, web, db, profiles } = fleet();
    const by = (Name: string, ...Values: string[]) => found({ Filters: [{ Name, Values }] });
    expect(by('tag-key', 'stepup:*')).toEqual([web.id]);
    expect(by('instance-state-code', '80')).toEqual([db.id]);
    expect(by('iam-instance-profile.arn', '*/app')).toEqual([web.id]);
    expect(by('iam-instance-profile.id', profiles.get('app')!.id)).toEqual([web.id]);
    expect(by('platform', 'windows')).toEqual([db.id]);
    expect(by('private-ip-address', web.privateIp)).toEqual([web.id]);
    expect(by('availability-zone', 'eu-central-1a', 'nowhere')).toEqual([web.id, db.id]);
    expect(by('state-reason-code', 'Client.*')).toEqual([db.id]);
    expect(by('owner-id', '123456789012')).toEqual([web.id, db.id]);
    expect(by('tag:constructor', '*')).toEqual([]);
  });

  test('a backslash takes the meaning from a wildcard', () => {
    const { found, web, world } = fleet();
    world.ec2.instance(web.id)!.tags = { Name: '*a?\\ü' };
    const by = (...Values: string[]) => found({ Filters: [{ Name: 'tag:Name', Values }] });
    expect(by('\\*a\\?\\\\\\ü')).toEqual([web.id]);
    expect(by('\\*b*', 'a', '\\')).toEqual([]);
  });

  test('comes in pages', () => {
    const { call, world } = fleet();
    for (let i = 0; i < 5; i++) world.ec2.addInstance({});
    const first = call('DescribeInstances', { MaxResults: 5 });
    expect(first.Reservations).toHaveLength(5);
    const second = call('DescribeInstances', { MaxResults: 5000, NextToken: first.NextToken });
    expect([second.Reservations.length, second.NextToken]).toEqual([2, undefined]);
  });

  test('an instance that is named twice is shown once', () => {
    const { found, web } = fleet();
    expect(found({ InstanceIds: [web.id, web.id] })).toEqual([web.id]);
  });

  test('tells why and when an instance went down, and when it came up again', async () => {
    const { call, web, pass, clock } = fleet();
    const shown = () => call('DescribeInstances', { InstanceIds: [web.id] }).Reservations[0].Instances[0];
    await pass(60_000);
    call('StopInstances', { InstanceIds: [web.id] });
    const stopped = new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ');
    expect(shown()).toMatchObject({
      StateReason: { Code: 'Client.UserInitiatedShutdown' },
      StateTransitionReason: `User initiated (${stopped} GMT)`,
    });
    await pass(60_000);
    call('StartInstances', { InstanceIds: [web.id] });
    expect(shown()).toMatchObject({ LaunchTime: new Date(clock.now()), StateTransitionReason: '' });
    expect(shown().StateReason).toBeUndefined();
    call('TerminateInstances', { InstanceIds: [web.id] });
    await pass(60_000);
    expect(shown()).toMatchObject({ State: { Name: 'terminated' }, PrivateDnsName: '' });
    expect(shown().PrivateIpAddress).toBeUndefined();
  });

  test('one that hibernates is stopping and stopped as any other, for another reason', async () => {
    const { call, web, pass, world } = fleet();
    const shown = () => call('DescribeInstances', { InstanceIds: [web.id] }).Reservations[0].Instances[0];
    const Code = 'Client.UserInitiatedHibernate';
    const StateReason = { Code, Message: `${Code}: User initiated hibernate` };
    world.ec2.stopInstance(web.id, { hibernate: true });
    world.ec2.stopInstance(web.id);
    expect(shown()).toMatchObject({ State: { Name: 'stopping' }, StateReason });
    await pass(20_000);
    expect(shown()).toMatchObject({ State: { Name: 'stopped' }, StateReason });
    call('StartInstances', { InstanceIds: [web.id] });
    await pass(20_000);
    expect(shown().StateReason).toBeUndefined();
    call('StopInstances', { InstanceIds: [web.id] });
    world.ec2.stopInstance(web.id, { hibernate: true });
    expect(shown()).toMatchObject({ StateReason: { Code: 'Client.UserInitiatedShutdown' } });
  });

  test.each<[object, string]>([
    [{ InstanceIds: ['bad'] }, 'InvalidInstanceID.Malformed: Invalid id: "bad"'],
    [{ InstanceIds: [UNKNOWN] }, `InvalidInstanceID.NotFound: The instance ID '${UNKNOWN}' does not exist`],
    [
      { Filters: [{ Name: 'vpc-id', Values: ['x'] }] },
      "UnsupportedOperation: The embedded AWS does not support the filter 'vpc-id' here.",
    ],
    [{ Filters: [{ Name: 'bad', Values: ['x'] }] }, "InvalidParameterValue: The filter 'bad' is invalid"],
    [
      { Filters: [{ Name: 'tag:a', Values: Array(201).fill('x') }] },
      'FilterLimitExceeded: The maximum number of filter values specified on a single call is 200',
    ],
    [
      { InstanceIds: [UNKNOWN, 'i-0123456789abcdef1'] },
      `InvalidInstanceID.NotFound: The instance IDs '${UNKNOWN}, i-0123456789abcdef1' do not exist`,
    ],
    [
      { InstanceIds: [UNKNOWN], MaxResults: 2 },
      'InvalidParameterCombination: The parameter instancesSet cannot be used with the parameter maxResults',
    ],
    [
      { MaxResults: 4 },
      'InvalidParameterValue: Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5.',
    ],
    [{ NextToken: 'x' }, 'InvalidParameterValue: Unable to parse pagination token'],
    [
      { IncludeManagedResources: true },
      'UnsupportedOperation: The embedded AWS does not support the parameter IncludeManagedResources here.',
    ],
    [{ DryRun: true }, 'DryRunOperation: Request would have succeeded, but DryRun flag is set.'],
  ])('%j', (input, expected) => {
    const { call } = fleet();
    expect(failure(() => call('DescribeInstances', input))).toBe(expected);
  });
});

describe('state changes', () => {
  test('stop, start and terminate take their time', async () => {
    const { call, web, state, pass } = fleet();
    const input = { InstanceIds: [web.id] };
    expect(call('StopInstances', input).StoppingInstances).toEqual([
      {
        InstanceId: web.id,
        PreviousState: { Code: 16, Name: 'running' },
        CurrentState: { Code: 64, Name: 'stopping' },
      },
    ]);
    expect(failure(() => call('StartInstances', input))).toBe(
      `IncorrectInstanceState: The instance '${web.id}' is not in a state from which it can be started.`,
    );
    await pass(20_000);
    expect(state(web.id)).toBe('stopped');
    call('StartInstances', input);
    expect(state(web.id)).toBe('pending');
    await pass(20_000);
    expect(state(web.id)).toBe('running');
    expect(call('StartInstances', input).StartingInstances[0].CurrentState.Name).toBe('running');
    call('StopInstances', input);
    call('TerminateInstances', input);
    await pass(20_000);
    expect(state(web.id)).toBe('terminated');
    expect(failure(() => call('StopInstances', input))).toContain('from which it can be stopped');
  });

  test('all instances of a request, or none', () => {
    const { call, web, db, state, world, authorized } = fleet();
    world.ec2.terminateInstance(db.id);
    const input = { InstanceIds: [web.id, db.id] };
    expect(failure(() => call('StopInstances', input))).toContain(db.id);
    expect(failure(() => call('StopInstances', { InstanceIds: [web.id], DryRun: true }))).toContain('DryRunOperation');
    expect(state(web.id)).toBe('running');
    expect(authorized.map(({ resource }) => resource)).toEqual([web.arn, db.arn, web.arn]);
  });
});

describe('attachment', () => {
  test('what is attached, since when, and what was attached before', async () => {
    const { world, web, db, call, associations, pass, clock, profile, profiles } = fleet();
    const temp = profile('temp');
    const app = profiles.get('app')!;
    const start = clock.now();
    await pass(60_000);
    const [{ AssociationId }] = associations(web.id);
    call('ReplaceIamInstanceProfileAssociation', { AssociationId, IamInstanceProfile: { Name: 'temp' } });
    const { attachment } = world.ec2;
    expect(attachment(web.id)).toEqual({ profileArn: temp.arn, profileId: temp.id, since: start + 60_000 });
    expect(attachment(web.id, start + 59_999)).toEqual({ profileArn: app.arn, profileId: app.id, since: start });
    expect(attachment(web.id, 0)).toEqual({ profileArn: app.arn, profileId: app.id, since: start });
    expect(attachment(db.id)).toEqual({ since: start });
    expect(attachment(UNKNOWN)).toBeUndefined();
    await pass(60_000);
    call('DisassociateIamInstanceProfile', { AssociationId: associations(web.id)[0].AssociationId });
    expect(attachment(web.id)).toEqual({ since: start + 120_000 });
  });
});
