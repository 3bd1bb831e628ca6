import { describe, expect, test } from '@jest/globals';
import { failure, fakeWorld } from './fakeWorld';

const NO_ASSOCIATION = 'iip-assoc-0123456789abcdef0';
const UNKNOWN = 'i-0123456789abcdef0';

/** One instance, associated with `before`, and another profile `temp`. */
function started(options: { profile?: string; state?: 'running' | 'stopped' | 'pending' } = { profile: 'before' }) {
  const fake = fakeWorld();
  const before = fake.profile('before');
  const temp = fake.profile('temp');
  const instance = fake.world.ec2.addInstance(options);
  const current = () => fake.associations(instance.id)[0];
  const shown = () =>
    fake.call('DescribeInstances', { InstanceIds: [instance.id] }).Reservations[0].Instances[0].IamInstanceProfile?.Arn;
  const associate = (Name: string) =>
    fake.call('AssociateIamInstanceProfile', { InstanceId: instance.id, IamInstanceProfile: { Name } });
  const replace = (AssociationId: string, Name: string) =>
    fake.call('ReplaceIamInstanceProfileAssociation', { AssociationId, IamInstanceProfile: { Name } })
      .IamInstanceProfileAssociation;
  const disassociate = (AssociationId: string) =>
    fake.call('DisassociateIamInstanceProfile', { AssociationId }).IamInstanceProfileAssociation;
  return { ...fake, before, temp, instance, current, shown, associate, replace, disassociate };
}

describe('states and transitions (aws-facts 1.2)', () => {
  test('Associate is associating with a new id, shown at once, and associated later', async () => {
    const { associate, current, shown, pass, temp, instance } = started({});
    expect(shown()).toBeUndefined();
    const { IamInstanceProfileAssociation: made } = associate('temp');
    expect(made).toEqual({
      AssociationId: expect.stringMatching(/^iip-assoc-[0-9a-f]{17}$/),
      InstanceId: instance.id,
      IamInstanceProfile: { Arn: temp.arn, Id: temp.id },
      State: 'associating',
    });
    expect(shown()).toBe(temp.arn);
    await pass(14_999);
    expect(current().State).toBe('associating');
    await pass(1);
    expect(current()).toEqual({ ...made, State: 'associated' });
  });

  test('a second Associate is refused while associating, associated and disassociating', async () => {
    const { associate, current, pass, instance, disassociate } = started({});
    const occupied = `IncorrectState: There is an existing association for instance ${instance.id}`;
    associate('temp');
    expect(failure(() => associate('temp'))).toBe(occupied);
    await pass(15_000);
    expect(failure(() => associate('before'))).toBe(occupied);
    disassociate(current().AssociationId);
    expect(failure(() => associate('before'))).toBe(occupied);
    await pass(10_000);
    expect(failure(() => associate('before'))).toBe('none');
  });

  test('Replace by the same profile changes nothing', () => {
    const { replace, current, world, instance, clock } = started();
    const old = current();
    expect(replace(old.AssociationId, 'before')).toEqual(old);
    expect(old.State).toBe('associated');
    expect(world.ec2.attachment(instance.id)).toMatchObject({ since: clock.now() });
  });

  test('a profile re-created under the same name is another profile', () => {
    const { replace, current, profile } = started();
    const old = current();
    profile('before');
    expect(replace(old.AssociationId, 'before').AssociationId).not.toBe(old.AssociationId);
  });

  test('Replace by another profile: new id, two items, the old profile shown until associated', async () => {
    const { replace, current, associations, call, shown, pass, instance, before, temp } = started();
    const old = current();
    const made = replace(old.AssociationId, 'temp');
    expect(made).toMatchObject({ State: 'associating', IamInstanceProfile: { Arn: temp.arn, Id: temp.id } });
    expect(made.AssociationId).not.toBe(old.AssociationId);
    expect(associations(instance.id)).toEqual([made, { ...old, State: 'disassociating' }]);
    const byOldId = () =>
      call('DescribeIamInstanceProfileAssociations', { AssociationIds: [old.AssociationId] })
        .IamInstanceProfileAssociations;
    expect(byOldId()).toEqual([{ ...old, State: 'disassociating' }]);
    expect(shown()).toBe(before.arn);
    await pass(10_000);
    expect(associations(instance.id)).toEqual([made]);
    const gone = `InvalidAssociationID.NotFound: An invalid association-id of '${old.AssociationId}' was given`;
    expect(failure(byOldId)).toBe(gone);
    expect(failure(() => replace(old.AssociationId, 'temp'))).toBe(gone);
    expect(shown()).toBe(before.arn);
    await pass(5_000);
    expect(associations(instance.id)).toEqual([{ ...made, State: 'associated' }]);
    expect(shown()).toBe(temp.arn);
  });

  test('Replace needs an association that is associated', () => {
    const { replace, current } = started();
    const old = current();
    const made = replace(old.AssociationId, 'temp');
    for (const { AssociationId } of [old, made]) {
      expect(failure(() => replace(AssociationId, 'before'))).toBe(
        `IncorrectState: The association ${AssociationId} is not the active association`,
      );
    }
  });

  test('Disassociate is idempotent until the association is gone', async () => {
    const { disassociate, current, associations, pass, instance } = started();
    const { AssociationId } = current();
    expect(disassociate(AssociationId).State).toBe('disassociating');
    await pass(5_000);
    expect(disassociate(AssociationId).State).toBe('disassociating');
    await pass(5_000);
    expect(associations(instance.id)).toEqual([]);
    expect(failure(() => disassociate(AssociationId))).toBe(
      `InvalidAssociationID.NotFound: An invalid association-id of '${AssociationId}' was given`,
    );
  });

  test('a role that does not trust EC2 keeps the association associating, until it does', async () => {
    const { associate, current, untrusting, pass } = started({});
    untrusting.add('temp');
    associate('temp');
    await pass(75_000);
    expect(current().State).toBe('associating');
    untrusting.delete('temp');
    expect(current().State).toBe('associated');
  });

  test('a role removed from the profile leaves the association as it is', async () => {
    const { current, profiles, before, pass } = started();
    profiles.set('before', { ...before, role: undefined });
    await pass(60_000);
    expect(current().State).toBe('associated');
  });

  test('an empty profile is accepted and becomes associated', async () => {
    const { associate, current, profile, pass, authorized } = started({});
    profile('empty', false);
    associate('empty');
    expect(authorized.map(({ action }) => action)).not.toContain('iam:PassRole');
    await pass(15_000);
    expect(current().State).toBe('associated');
  });
});

describe('which instance states (aws-facts 1.3)', () => {
  const wrongState = (id: string) =>
    `IncorrectInstanceState: The instance '${id}' is not in the 'running' or 'stopped' states.`;

  test('stopped: Associate stays associating until the start', async () => {
    const { associate, current, pass, world, instance } = started({ state: 'stopped' });
    associate('temp');
    await pass(600_000);
    expect(current().State).toBe('associating');
    world.ec2.startInstance(instance.id);
    await pass(20_000 + 14_999);
    expect(current().State).toBe('associating');
    await pass(1);
    expect(current().State).toBe('associated');
  });

  test('stopped: Replace is refused, Disassociate is done at once, Associate possible right after', async () => {
    const { associate, replace, disassociate, current, associations, pass, world, instance } = started();
    world.ec2.stopInstance(instance.id);
    await pass(20_000);
    const old = current();
    expect(old.State).toBe('associated');
    for (const name of ['before', 'temp']) {
      expect(failure(() => replace(old.AssociationId, name))).toBe(
        `IncorrectState: The association ${old.AssociationId} is not the active association`,
      );
    }
    expect(disassociate(old.AssociationId)).toEqual({ ...old, State: 'disassociated' });
    expect(associations(instance.id)).toEqual([]);
    associate('temp');
  });

  test.each(['pending', 'stopping', 'shutting-down'] as const)(
    '%s: neither Associate nor Replace nor Disassociate',
    (state) => {
      const { associate, replace, disassociate, world, instance, current } = started();
      instance.state = state;
      const { AssociationId } = current();
      expect(failure(() => associate('temp'))).toBe(wrongState(instance.id));
      expect(failure(() => replace(AssociationId, 'temp'))).toContain('is not the active association');
      expect(failure(() => disassociate(AssociationId))).toBe(wrongState(instance.id));
      expect(world.ec2.instance(instance.id)).toBe(instance);
    },
  );

  test('terminated: no associations, and no Associate', async () => {
    const { associate, associations, shown, pass, world, instance, before } = started();
    world.ec2.terminateInstance(instance.id);
    expect(instance.state).toBe('shutting-down');
    expect(shown()).toBe(before.arn);
    await pass(20_000);
    expect(instance.state).toBe('terminated');
    expect(associations(instance.id)).toEqual([]);
    expect(shown()).toBeUndefined();
    expect(failure(() => associate('temp'))).toBe(wrongState(instance.id));
  });
});

describe('errors (aws-facts 1.4, aws-facts-2 0c)', () => {
  const profileOf = (IamInstanceProfile: object) => ({ InstanceId: UNKNOWN, IamInstanceProfile });
  const filter = (Name: string, ...Values: string[]) => ({ Filters: [{ Name, Values }] });
  const incomplete =
    "InvalidParameterValue: Invalid value 'null/empty' for 'filter'. Invalid filter - one of more name/value pair was incomplete";

  test.each<[string, object, string]>([
    [
      'AssociateIamInstanceProfile',
      {},
      'MissingParameter: The request must include the following parameters: IamInstanceProfile, InstanceId. Add the required parameters and retry the request.',
    ],
    [
      'AssociateIamInstanceProfile',
      { InstanceId: UNKNOWN },
      'MissingParameter: The request must include the IamInstanceProfile parameter. Add the required parameter and retry the request.',
    ],
    [
      'AssociateIamInstanceProfile',
      { ...profileOf({ Name: 'temp' }), InstanceId: 'bad' },
      "InvalidInstanceID.Malformed: The instance ID 'bad' is malformed",
    ],
    [
      'AssociateIamInstanceProfile',
      { ...profileOf({ Name: 'temp' }), InstanceId: 'i-00000000000000000' },
      "InvalidInstanceID.Malformed: The instance ID 'i-00000000000000000' is malformed",
    ],
    [
      'AssociateIamInstanceProfile',
      profileOf({ Name: 'temp' }),
      `InvalidInstanceID.NotFound: The instance ID '${UNKNOWN}' does not exist`,
    ],
    [
      'AssociateIamInstanceProfile',
      profileOf({ Name: 'nobody' }),
      'InvalidParameterValue: Value (nobody) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    ],
    [
      'AssociateIamInstanceProfile',
      profileOf({ Arn: 'arn:aws:iam::123456789012:instance-profile/nobody', Name: 'temp' }),
      'InvalidParameterValue: Value (arn:aws:iam::123456789012:instance-profile/nobody) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN',
    ],
    [
      'AssociateIamInstanceProfile',
      profileOf({ Arn: 'arn:aws:iam::123456789012:role/temp' }),
      "InvalidIamInstanceProfileArn.Malformed: The ARN 'arn:aws:iam::123456789012:role/temp' is not valid. The expected format is arn:aws:iam::<account-id>:instance-profile/<name>.",
    ],
    [
      'ReplaceIamInstanceProfileAssociation',
      { AssociationId: 'bad', IamInstanceProfile: { Name: 'temp' } },
      'InvalidParameterValue: Invalid Id: bad',
    ],
    [
      'DisassociateIamInstanceProfile',
      { AssociationId: 'iip-assoc-00000000000000000' },
      'InvalidParameterValue: Invalid Id: iip-assoc-00000000000000000',
    ],
    [
      'DisassociateIamInstanceProfile',
      { AssociationId: NO_ASSOCIATION },
      `InvalidAssociationID.NotFound: An invalid association-id of '${NO_ASSOCIATION}' was given`,
    ],
    [
      'DescribeIamInstanceProfileAssociations',
      { AssociationIds: ['bad'] },
      'InvalidParameterValue: Invalid value for association-id.',
    ],
    [
      'DescribeIamInstanceProfileAssociations',
      { AssociationIds: [NO_ASSOCIATION] },
      `InvalidAssociationID.NotFound: An invalid association-id of '${NO_ASSOCIATION}' was given`,
    ],
    ...['bad', 'association-id', 'tag:a', 'iam-instance-profile.arn'].map((name): [string, object, string] => [
      'DescribeIamInstanceProfileAssociations',
      filter(name, 'x'),
      `InvalidParameterValue: An unknown filter '${name}' was given`,
    ]),
    [
      'DescribeIamInstanceProfileAssociations',
      filter('state', 'assoc*'),
      "InvalidParameterValue: A filter for an unknown association state of 'assoc*' was given",
    ],
    [
      'DescribeIamInstanceProfileAssociations',
      filter('state', 'disassociated'),
      "InvalidParameterValue: Only 'associated', 'associating' and 'disassociating' are allowed",
    ],
    [
      'DescribeIamInstanceProfileAssociations',
      filter('instance-id', 'bad'),
      "InvalidParameterValue: A filter with an invalid instance-id of 'bad' was given",
    ],
    ['DescribeIamInstanceProfileAssociations', filter('state'), incomplete],
    [
      'DescribeIamInstanceProfileAssociations',
      { MaxResults: 0 },
      "InvalidParameterValue: Invalid value '0' for 'maxResults'. MaxResult must be a positive integer",
    ],
    ['DescribeIamInstanceProfileAssociations', { NextToken: 'x' }, 'InvalidNextToken: Pagination token is invalid'],
  ])('%s %j', (name, input, expected) => {
    const { call } = started();
    expect(failure(() => call(name, input))).toBe(expected);
  });

  test('the Arn wins over the Name', () => {
    const { call, instance, before } = started({});
    const made = call('AssociateIamInstanceProfile', {
      InstanceId: instance.id,
      IamInstanceProfile: { Name: 'temp', Arn: before.arn },
    });
    expect(made.IamInstanceProfileAssociation.IamInstanceProfile.Arn).toBe(before.arn);
  });

  test('a malformed instance id is reported before authorization, an unknown instance after it', () => {
    const { call, denied } = started();
    denied.add('ec2:AssociateIamInstanceProfile');
    const associate = (InstanceId: string) => () =>
      call('AssociateIamInstanceProfile', { InstanceId, IamInstanceProfile: { Name: 'temp' } });
    expect(failure(associate('bad'))).toContain('InvalidInstanceID.Malformed');
    expect(failure(associate(UNKNOWN))).toBe('denied ec2:AssociateIamInstanceProfile');
  });
});

describe('Describe', () => {
  test('filters by state and pages through everything', async () => {
    const { call, replace, current, world } = started();
    for (let more = 0; more < 3; more++) world.ec2.addInstance({ profile: 'temp' });
    const made = replace(current().AssociationId, 'temp');
    const describeAll = (input: object) => call('DescribeIamInstanceProfileAssociations', input);
    const byState = (Values: string[]) =>
      describeAll({ Filters: [{ Name: 'state', Values }] }).IamInstanceProfileAssociations;
    expect(byState(['associating'])).toEqual([made]);
    expect(byState(['associated', 'disassociating'])).toHaveLength(4);

    const all = describeAll({}).IamInstanceProfileAssociations;
    const first = describeAll({ MaxResults: 2 });
    const second = describeAll({ MaxResults: 2, NextToken: first.NextToken });
    const third = describeAll({ MaxResults: 2, NextToken: second.NextToken });
    expect([first, second, third].flatMap((page) => page.IamInstanceProfileAssociations)).toEqual(all);
    expect(third).toMatchObject({ NextToken: undefined });
    expect(describeAll({ MaxResults: 1001 }).IamInstanceProfileAssociations).toHaveLength(5);
  });
});

describe('permissions (aws-facts 1.5, aws-facts-2 14.1)', () => {
  const PASS = { 'iam:PassedToService': 'ec2.amazonaws.com' };

  test('Associate: the instance with its keys, then the passing of the new role', () => {
    const { authorized, call, world, temp } = started({});
    const tagged = world.ec2.addInstance({ tags: { team: 'a' }, httpTokens: 'optional' });
    call('AssociateIamInstanceProfile', { InstanceId: tagged.id, IamInstanceProfile: { Name: 'temp' } });
    expect(authorized).toEqual([
      {
        action: 'ec2:AssociateIamInstanceProfile',
        resource: `arn:aws:ec2:eu-central-1:123456789012:instance/${tagged.id}`,
        context: {
          'ec2:ResourceTag/team': 'a',
          'aws:ResourceTag/team': 'a',
          'ec2:Region': 'eu-central-1',
          'ec2:InstanceID': tagged.id,
          'ec2:AvailabilityZone': 'eu-central-1a',
          'ec2:EbsOptimized': 'false',
          'ec2:InstanceAutoRecovery': 'default',
          'ec2:InstanceMarketType': 'on-demand',
          'ec2:InstanceMetadataTags': 'disabled',
          'ec2:InstanceType': 't3.micro',
          'ec2:MetadataHttpEndpoint': 'enabled',
          'ec2:MetadataHttpTokens': 'optional',
          'ec2:RootDeviceType': 'ebs',
          'ec2:Tenancy': 'default',
          'ec2:InstanceProfile': undefined,
          'ec2:NewInstanceProfile': temp.arn,
        },
      },
      {
        action: 'iam:PassRole',
        resource: temp.role!.arn,
        context: { ...PASS, 'iam:AssociatedResourceArn': 'arn:aws:ec2:eu-central-1:123456789012:instance/*' },
      },
    ]);
  });

  test('Replace knows the profile of now and the new one, and passes the role even when nothing changes', () => {
    const { authorized, replace, current, before, temp } = started();
    const { AssociationId } = current();
    authorized.length = 0;
    replace(AssociationId, 'before');
    replace(AssociationId, 'temp');
    expect(authorized.map(({ action }) => action)).toEqual([
      'ec2:ReplaceIamInstanceProfileAssociation',
      'iam:PassRole',
      'ec2:ReplaceIamInstanceProfileAssociation',
      'iam:PassRole',
    ]);
    expect(authorized[2]?.context).toMatchObject({
      'ec2:InstanceProfile': before.arn,
      'ec2:NewInstanceProfile': temp.arn,
    });
  });

  test('Disassociate knows the profile of now and passes nothing', () => {
    const { authorized, disassociate, current, before } = started();
    const { AssociationId } = current();
    authorized.length = 0;
    disassociate(AssociationId);
    expect(authorized).toHaveLength(1);
    expect(authorized[0]?.context).toMatchObject({ 'ec2:InstanceProfile': before.arn });
    expect(authorized[0]?.context['ec2:NewInstanceProfile']).toBeUndefined();
  });

  test.each(['ec2:ReplaceIamInstanceProfileAssociation', 'iam:PassRole'])('a denied %s changes nothing', (action) => {
    const { denied, replace, current, associations, instance } = started();
    const old = current();
    denied.add(action);
    expect(failure(() => replace(old.AssociationId, 'temp'))).toBe(`denied ${action}`);
    expect(associations(instance.id)).toEqual([old]);
  });
});
