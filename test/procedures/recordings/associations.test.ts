import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DescribeInstancesCommand,
  DisassociateIamInstanceProfileCommand,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import { RemoveRoleFromInstanceProfileCommand } from '@aws-sdk/client-iam';
import { describe, expect, test } from '@jest/globals';
import { account, refusal, trusting } from './recorded';

/** aws-facts 1.2 and 1.3: instance profile associations, by the states of association and instance. */
const INSTANCE = 'i-0123456789abcdef0';
const arn = (name: string) => `arn:aws:iam::123456789012:instance-profile/${name}`;

async function stage() {
  const all = account();
  await all.makeProfile('one');
  await all.makeProfile('two');
  await all.pass(60);
  const { ec2, world } = all;
  world.ec2.addInstance({ id: INSTANCE });
  const only = <T extends { AssociationId?: string; State?: string; IamInstanceProfile?: { Arn?: string } }>(
    it?: T,
  ) => ({
    id: it?.AssociationId as string,
    state: it?.State,
    profile: it?.IamInstanceProfile?.Arn?.split('/').at(-1),
  });
  return {
    ...all,
    associate: async (Name: string) => {
      const command = new AssociateIamInstanceProfileCommand({ InstanceId: INSTANCE, IamInstanceProfile: { Name } });
      return only((await ec2.send(command)).IamInstanceProfileAssociation);
    },
    replace: async (AssociationId: string, Name: string) => {
      const command = new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile: { Name } });
      return only((await ec2.send(command)).IamInstanceProfileAssociation);
    },
    disassociate: async (AssociationId: string) => {
      const command = new DisassociateIamInstanceProfileCommand({ AssociationId });
      return only((await ec2.send(command)).IamInstanceProfileAssociation);
    },
    described: async (filter: { AssociationIds: string[] } | Record<string, never> = {}) => {
      const command = new DescribeIamInstanceProfileAssociationsCommand({
        Filters: [{ Name: 'instance-id', Values: [INSTANCE] }],
        ...filter,
      });
      return (await ec2.send(command)).IamInstanceProfileAssociations?.map(only);
    },
    /** The profile that DescribeInstances shows. */
    shown: async () => {
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [INSTANCE] }));
      return Reservations?.[0]?.Instances?.[0]?.IamInstanceProfile?.Arn?.split('/').at(-1);
    },
    /** What the instance's metadata service says at this path. */
    metadata: async (path: string) => {
      const base = `${await world.imds.endpoint(INSTANCE)}/latest`;
      const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
      const token = await (await fetch(`${base}/api/token`, { method: 'PUT', headers: ttl })).text();
      return fetch(`${base}/meta-data/${path}`, { headers: { 'x-aws-ec2-metadata-token': token } });
    },
  };
}

const ID = expect.stringMatching(/^iip-assoc-[0-9a-f]{17}$/);

describe('a running instance', () => {
  test('from Associate over Replace to Disassociate', async () => {
    const { associate, replace, disassociate, described, shown, pass } = await stage();
    const first = await associate('one');
    expect(first).toEqual({ id: ID, state: 'associating', profile: 'one' });
    await pass(0.5);
    expect(await described()).toEqual([first]);
    expect(await shown()).toBe('one');
    const occupied = {
      code: 'IncorrectState',
      message: `There is an existing association for instance ${INSTANCE}`,
      status: 400,
    };
    expect(await refusal(associate('one'))).toEqual(occupied);
    await pass(66);
    expect(await described()).toEqual([{ ...first, state: 'associated' }]);
    expect(await refusal(associate('one'))).toEqual(occupied);

    // The same profile once more: nothing happens.
    expect(await replace(first.id, 'one')).toEqual({ ...first, state: 'associated' });
    const second = await replace(first.id, 'two');
    expect(second).toEqual({ id: ID, state: 'associating', profile: 'two' });
    expect(second.id).not.toBe(first.id);
    const old = { ...first, state: 'disassociating' };
    expect(await described({ AssociationIds: [first.id] })).toEqual([old]);
    expect(await described()).toEqual([second, old]);
    expect(await shown()).toBe('one');
    await pass(90);
    expect(await described()).toEqual([{ ...second, state: 'associated' }]);
    expect(await shown()).toBe('two');
    const gone = {
      code: 'InvalidAssociationID.NotFound',
      message: `An invalid association-id of '${first.id}' was given`,
      status: 400,
    };
    expect(await refusal(replace(first.id, 'one'))).toEqual(gone);

    const leaving = { ...second, state: 'disassociating' };
    expect(await disassociate(second.id)).toEqual(leaving);
    expect(await disassociate(second.id)).toEqual(leaving);
    await pass(20);
    expect(await described()).toEqual([]);
    expect(await refusal(disassociate(first.id))).toEqual(gone);
    expect(await refusal(described({ AssociationIds: [first.id] }))).toEqual(gone);
    expect(await associate('one')).toMatchObject({ state: 'associating' });
  });

  test('an answer has no timestamp, and no name of the profile', async () => {
    const { ec2, associate } = await stage();
    await associate('one');
    const { IamInstanceProfileAssociations } = await ec2.send(new DescribeIamInstanceProfileAssociationsCommand());
    const IamInstanceProfile = { Arn: arn('one'), Id: expect.stringMatching(/^AIPA/) };
    expect(IamInstanceProfileAssociations).toEqual([
      { AssociationId: ID, InstanceId: INSTANCE, IamInstanceProfile, State: 'associating' },
    ]);
  });

  test('its role is taken out of the profile: the association stays, the credentials too', async () => {
    const { associate, described, iam, metadata, pass } = await stage();
    const { id } = await associate('one');
    await pass(66);
    const credentials = async () => (await metadata('iam/security-credentials/one')).json();
    const before = await credentials();
    expect(before).toMatchObject({ Code: 'Success' });
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: 'one', RoleName: 'one' }));
    await pass(80);
    expect(await described()).toMatchObject([{ id, state: 'associated' }]);
    expect(await credentials()).toEqual(before);
  });

  test('a role that does not trust EC2: it stays associating, and the metadata service says why', async () => {
    const { associate, described, makeProfile, metadata, pass } = await stage();
    await makeProfile('closed', trusting({ Service: 'lambda.amazonaws.com' }));
    await pass(60);
    expect(await associate('closed')).toMatchObject({ state: 'associating' });
    await pass(75);
    expect(await described()).toMatchObject([{ state: 'associating' }]);
    const answer = await metadata('iam/security-credentials/closed');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      Code: 'AssumeRoleUnauthorizedAccess',
      Message: expect.stringMatching(/^EC2 cannot assume the role closed\. {2}Please see documentation at/),
    });
    expect(await (await metadata('iam/info')).json()).toMatchObject({ Code: 'Success' });
  });

  test('a profile without a role: associated, and nothing in the metadata', async () => {
    const { associate, described, metadata, pass, world } = await stage();
    await world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: 'empty' });
    await pass(60);
    expect(await associate('empty')).toMatchObject({ state: 'associating' });
    await pass(66);
    expect(await described()).toMatchObject([{ state: 'associated' }]);
    for (const path of ['iam/', 'iam/info', 'iam/security-credentials/']) {
      expect((await metadata(path)).status).toBe(404);
    }
  });

  test('the metadata service follows a Replace in less than 5 seconds', async () => {
    const { associate, replace, metadata, pass } = await stage();
    const { id } = await associate('one');
    await pass(66);
    const role = async () => (await metadata('iam/security-credentials/')).text();
    expect(await role()).toBe('one');
    await replace(id, 'two');
    expect(await role()).toBe('one');
    await pass(5);
    expect(await role()).toBe('two');
  });
});

describe('an instance that does not run', () => {
  test('stopped: Associate waits for the start, Replace is refused, Disassociate is done at once', async () => {
    const { associate, replace, disassociate, described, pass, world } = await stage();
    world.ec2.stopInstance(INSTANCE);
    await pass(60);
    const { id } = await associate('one');
    await pass(300);
    expect(await described()).toMatchObject([{ state: 'associating' }]);
    expect(await refusal(replace(id, 'two'))).toEqual({
      code: 'IncorrectState',
      message: `The association ${id} is not the active association`,
      status: 400,
    });
    world.ec2.startInstance(INSTANCE);
    await pass(90);
    expect(await described()).toMatchObject([{ state: 'associated' }]);
    world.ec2.stopInstance(INSTANCE);
    await pass(60);
    expect(await refusal(replace(id, 'two'))).toMatchObject({ code: 'IncorrectState' });
    expect(await disassociate(id)).toMatchObject({ state: 'disassociated' });
    expect(await described()).toEqual([]);
  });

  test('shutting down it still shows its profile; terminated it has none, and takes none', async () => {
    const { associate, described, shown, pass, world } = await stage();
    await associate('one');
    await pass(66);
    const refused = {
      code: 'IncorrectInstanceState',
      message: `The instance '${INSTANCE}' is not in the 'running' or 'stopped' states.`,
      status: 400,
    };
    world.ec2.terminateInstance(INSTANCE);
    expect(await shown()).toBe('one');
    expect(await refusal(associate('two'))).toEqual(refused);
    await pass(60);
    expect([await shown(), await described()]).toEqual([undefined, []]);
    expect(await refusal(associate('one'))).toEqual(refused);
  });
});
