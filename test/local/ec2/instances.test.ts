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
    const { call, web, db, profiles } = fleet();
    const app = profiles.get('app');
    const [first, second] = call('DescribeInstances').Reservations;
    expect(first.Instances).toEqual([
      {
        InstanceId: web.id,
        State: { Code: 16, Name: 'running' },
        PrivateIpAddress: web.privateIp,
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

  test.each<[object, string]>([
    [{ InstanceIds: ['bad'] }, 'InvalidInstanceID.Malformed: Invalid id: "bad"'],
    [{ InstanceIds: [UNKNOWN] }, `InvalidInstanceID.NotFound: The instance ID '${UNKNOWN}' does not exist`],
    [
      { Filters: [{ Name: 'vpc-id', Values: ['x'] }] },
      "UnsupportedOperation: The embedded AWS does not support the filter 'vpc-id' here.",
    ],
    [{ MaxResults: 5 }, 'UnsupportedOperation: The embedded AWS does not support the parameter MaxResults here.'],
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
