import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DescribeInstancesCommand,
  DisassociateIamInstanceProfileCommand,
  EC2Client,
  ReplaceIamInstanceProfileAssociationCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import { createWire } from '../../../local/wire';
import { fakeWorld } from './fakeWorld';

function client() {
  const fake = fakeWorld(Date.now());
  const fail = (error: unknown) => {
    throw error;
  };
  const wire = createWire(fake.world, fake.world.ec2.operations, { onFault: fail, wallTime: fake.clock.now });
  const ec2 = new EC2Client({
    region: 'eu-central-1',
    endpoint: 'http://127.0.0.1',
    credentials: { accessKeyId: 'AKIAROOT', secretAccessKey: 'secret' },
    requestHandler: wire.requestHandler(),
    maxAttempts: 1,
  });
  return { ...fake, ec2 };
}

test('the SDK sees a swap, and what follows', async () => {
  const { ec2, world, profile, pass } = client();
  const before = profile('before');
  profile('temp');
  const { id } = world.ec2.addInstance({ tags: { Name: 'web' }, profile: 'before' });
  const associations = async () => {
    const filter = { Filters: [{ Name: 'instance-id', Values: [id] }] };
    const { IamInstanceProfileAssociations } = await ec2.send(
      new DescribeIamInstanceProfileAssociationsCommand(filter),
    );
    return IamInstanceProfileAssociations?.map(({ State }) => State);
  };

  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
    InstanceId: id,
    State: { Code: 16, Name: 'running' },
    IamInstanceProfile: { Arn: before.arn, Id: before.id },
    Tags: [{ Key: 'Name', Value: 'web' }],
  });
  const all = await ec2.send(new DescribeIamInstanceProfileAssociationsCommand());
  const AssociationId = all.IamInstanceProfileAssociations?.[0]?.AssociationId;
  const replace = new ReplaceIamInstanceProfileAssociationCommand({
    AssociationId,
    IamInstanceProfile: { Name: 'temp' },
  });
  const { IamInstanceProfileAssociation: made } = await ec2.send(replace);
  expect(made?.State).toBe('associating');
  expect(await associations()).toEqual(['associating', 'disassociating']);
  await expect(ec2.send(replace)).rejects.toMatchObject({
    name: 'IncorrectState',
    message: `The association ${AssociationId} is not the active association`,
    $metadata: { httpStatusCode: 400 },
  });
  await pass(15_000);
  expect(await associations()).toEqual(['associated']);

  const stopped = await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  expect(stopped.StoppingInstances?.[0]?.CurrentState).toEqual({ Code: 64, Name: 'stopping' });
  await pass(20_000);
  const gone = await ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: made?.AssociationId }));
  expect(gone.IamInstanceProfileAssociation?.State).toBe('disassociated');
  expect(await associations()).toEqual([]);
  const again = await ec2.send(
    new AssociateIamInstanceProfileCommand({ InstanceId: id, IamInstanceProfile: { Arn: before.arn } }),
  );
  expect(again.IamInstanceProfileAssociation).toMatchObject({ InstanceId: id, State: 'associating' });
});

test('DryRun, which is in no model of these operations, ends after authorization', async () => {
  const { ec2, world, profile } = client();
  profile('before');
  const { id } = world.ec2.addInstance({ profile: 'before' });
  ec2.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: string };
      request.body += '&DryRun=true';
      return next(args);
    },
    { step: 'build', priority: 'high' },
  );
  const dry = { name: 'DryRunOperation', $metadata: { httpStatusCode: 412 } };
  const IamInstanceProfile = { Name: 'before' };
  await expect(ec2.send(new DescribeIamInstanceProfileAssociationsCommand())).rejects.toMatchObject(dry);
  const again = ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: id, IamInstanceProfile }));
  await expect(again).rejects.toMatchObject(dry);
  const malformed = ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: 'bad' }));
  await expect(malformed).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

test('an instance is added with a profile that EC2 sees, or not at all', () => {
  const { world } = client();
  expect(() => world.ec2.addInstance({ profile: 'none' })).toThrow('EC2 sees no instance profile none: it does so 6 s');
  expect(world.ec2.instances()).toEqual([]);
});

test('absent parameters are absent on the wire', async () => {
  const { ec2 } = client();
  const send = (input: object) =>
    ec2.send(
      new AssociateIamInstanceProfileCommand(
        input as ConstructorParameters<typeof AssociateIamInstanceProfileCommand>[0],
      ),
    );
  await expect(send({})).rejects.toMatchObject({ name: 'MissingParameter' });
  await expect(ec2.send(new StopInstancesCommand({ InstanceIds: [] }))).rejects.toMatchObject({
    name: 'MissingParameter',
  });
});
