import { request } from 'node:http';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { fromInstanceMetadata } from '@smithy/credential-provider-imds';
import { fakeWorld } from '../ec2/fakeWorld';

const worlds: ReturnType<typeof fakeWorld>[] = [];
afterEach(async () => {
  delete process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT;
  for (const { world } of worlds.splice(0)) await world.imds.close?.();
});

async function served(
  options: { profile?: string; httpTokens?: 'required' | 'optional' } = { profile: 'app' },
  start?: number,
) {
  const fake = fakeWorld(start);
  worlds.push(fake);
  fake.profile('app');
  fake.profile('temp');
  const instance = fake.world.ec2.addInstance(options);
  const endpoint = await fake.world.imds.endpoint(instance.id);
  const http = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${endpoint}/latest/${path}`, init);
    return { status: response.status, body: await response.text(), headers: response.headers };
  };
  const newToken = (ttl?: string) =>
    http('api/token', {
      method: 'PUT',
      headers: ttl === undefined ? {} : { 'X-aws-ec2-metadata-token-ttl-seconds': ttl },
    });
  const token = (await newToken('21600')).body;
  const get = (path: string, value = token) => http(path, { headers: { 'X-aws-ec2-metadata-token': value } });
  const replace = (Name: string) =>
    fake.call('ReplaceIamInstanceProfileAssociation', {
      AssociationId: fake.associations(instance.id)[0].AssociationId,
      IamInstanceProfile: { Name },
    });
  const credentialsOf = async (role: string) =>
    JSON.parse((await get(`meta-data/iam/security-credentials/${role}`)).body);
  return { ...fake, instance, endpoint, http, newToken, get, replace, credentialsOf };
}

describe('tokens', () => {
  test.each([undefined, '0', '21601', '1.5', 'x', ''])('a TTL of %j is refused', async (ttl) => {
    const { newToken } = await served();
    expect((await newToken(ttl)).status).toBe(400);
  });

  test('nobody behind a proxy gets one', async () => {
    const { http } = await served();
    const headers = { 'X-aws-ec2-metadata-token-ttl-seconds': '60', 'X-Forwarded-For': '10.0.0.9' };
    expect((await http('api/token', { method: 'PUT', headers })).status).toBe(403);
  });

  test('a token is good until its TTL has passed', async () => {
    const { newToken, get, pass } = await served();
    const { body, headers } = await newToken('60');
    expect(headers.get('x-aws-ec2-metadata-token-ttl-seconds')).toBe('60');
    await pass(59_999);
    expect((await get('meta-data/instance-id', body)).status).toBe(200);
    await pass(1);
    expect((await get('meta-data/instance-id', body)).status).toBe(401);
  });

  test('without a token: 401 where one is required, and where it is not a set of its own', async () => {
    const required = await served();
    expect((await required.http('meta-data/instance-id')).status).toBe(401);
    const optional = await served({ profile: 'app', httpTokens: 'optional' });
    const path = 'meta-data/iam/security-credentials/app';
    const issue = jest.spyOn(optional.world.iam, 'issueSession');
    const v1 = JSON.parse((await optional.http(path)).body);
    const v2 = JSON.parse((await optional.get(path)).body);
    expect(v1.AccessKeyId).toMatch(/^ASIA/);
    expect(v1.AccessKeyId).not.toBe(v2.AccessKeyId);
    expect(issue.mock.calls.map(([{ roleDelivery }]) => roleDelivery)).toEqual(['1.0', '2.0']);
    expect((await optional.get(path, 'made-up')).status).toBe(401);
  });
});

describe('paths', () => {
  test('lists and values', async () => {
    const { get, instance, profiles, clock, call } = await served();
    const text = async (path: string) => (await get(path)).body;
    expect(await text('meta-data/')).toBe('iam/\ninstance-id\nplacement/');
    expect(await text('meta-data/iam/')).toBe('info\nsecurity-credentials/');
    expect(await text('meta-data/iam/security-credentials/')).toBe('app');
    expect(await text('meta-data/instance-id')).toBe(instance.id);
    expect(await text('meta-data/placement/region')).toBe('eu-central-1');
    expect(await text('meta-data/placement/')).toBe('availability-zone\nregion');
    const { Reservations } = await call('DescribeInstances', {});
    const { ImageId, InstanceType, Placement, PrivateIpAddress } = Reservations[0].Instances[0];
    expect(await text('meta-data/placement/availability-zone')).toBe(Placement.AvailabilityZone);
    expect(JSON.parse(await text('dynamic/instance-identity/document'))).toEqual({
      accountId: '123456789012',
      architecture: 'x86_64',
      availabilityZone: Placement.AvailabilityZone,
      imageId: ImageId,
      instanceId: instance.id,
      instanceType: InstanceType,
      pendingTime: '2026-01-05T09:00:00Z',
      privateIp: PrivateIpAddress,
      region: 'eu-central-1',
      version: '2017-09-30',
    });
    expect(JSON.parse(await text('meta-data/iam/info'))).toEqual({
      Code: 'Success',
      LastUpdated: new Date(clock.now()).toISOString().replace('.000', ''),
      InstanceProfileArn: profiles.get('app')?.arn,
      InstanceProfileId: profiles.get('app')?.id,
    });
    const answer = await get('meta-data/iam/security-credentials/app');
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(JSON.parse(answer.body)).toEqual({
      Code: 'Success',
      LastUpdated: '2026-01-05T09:00:00Z',
      Type: 'AWS-HMAC',
      AccessKeyId: expect.stringMatching(/^ASIA/),
      SecretAccessKey: expect.any(String),
      Token: expect.any(String),
      Expiration: '2026-01-05T15:34:00Z',
    });
  });

  test.each(['meta-data/iam/security-credentials/temp', 'meta-data/nothing', 'user-data'])(
    '%s is 404',
    async (path) => {
      const { get } = await served();
      expect((await get(path)).status).toBe(404);
    },
  );

  test.each([undefined, 'empty'])('profile %j: 404 below iam/', async (name) => {
    const { get, profile, call, instance, pass, world } = await served({});
    profile('empty', false);
    if (name) call('AssociateIamInstanceProfile', { InstanceId: instance.id, IamInstanceProfile: { Name: name } });
    await pass(60_000);
    for (const path of ['meta-data/iam/', 'meta-data/iam/info', 'meta-data/iam/security-credentials/']) {
      expect((await get(path)).status).toBe(404);
    }
    expect((await get('meta-data/')).body).toBe('instance-id\nplacement/');
    expect(world.imds.credentials(instance.id)).toBeUndefined();
  });

  test('a host name of somebody else is refused', async () => {
    const { endpoint } = await served();
    const status = await new Promise((resolve) => {
      request(`${endpoint}/latest/`, { headers: { host: 'evil.example' } }, ({ statusCode }) =>
        resolve(statusCode),
      ).end();
    });
    expect(status).toBe(400);
  });
});

describe('what is served follows what is attached', () => {
  test('Replace: new role and new keys after the refresh, the old ones before', async () => {
    const { replace, get, credentialsOf, pass } = await served();
    const before = await credentialsOf('app');
    replace('temp');
    await pass(3_999);
    expect(await credentialsOf('app')).toEqual(before);
    await pass(1);
    expect((await get('meta-data/iam/security-credentials/')).body).toBe('temp');
    expect((await get('meta-data/iam/security-credentials/app')).status).toBe(404);
    expect((await credentialsOf('temp')).AccessKeyId).not.toBe(before.AccessKeyId);
  });

  test('there and back again: keys that were not handed out before', async () => {
    const { replace, credentialsOf, pass } = await served();
    const before = await credentialsOf('app');
    replace('temp');
    await pass(20_000);
    replace('app');
    await pass(20_000);
    expect((await credentialsOf('app')).AccessKeyId).not.toBe(before.AccessKeyId);
  });

  test('Disassociate: 404 after the refresh', async () => {
    const { call, associations, instance, get, pass } = await served();
    call('DisassociateIamInstanceProfile', { AssociationId: associations(instance.id)[0].AssociationId });
    expect((await get('meta-data/iam/info')).status).toBe(200);
    await pass(4_000);
    expect((await get('meta-data/iam/info')).status).toBe(404);
  });

  test('credentials are kept until five minutes before they expire', async () => {
    const { instance, pass, world } = await served();
    const accessKeyId = () => world.imds.credentials(instance.id)?.credentials.accessKeyId;
    const first = accessKeyId();
    await pass(world.delays.instanceCredentials - 5 * 60_000 - 1);
    expect(accessKeyId()).toBe(first);
    await pass(1);
    expect(accessKeyId()).toMatch(/^ASIA/);
    expect(accessKeyId()).not.toBe(first);
  });

  test('a role taken out of the profile goes unnoticed until the renewal', async () => {
    const { credentialsOf, profiles, pass } = await served();
    const first = await credentialsOf('app');
    profiles.set('app', { ...profiles.get('app')!, role: undefined });
    await pass(80_000);
    expect(await credentialsOf('app')).toEqual(first);
  });

  test('a role that EC2 cannot assume is an answer 200, asked for again with a growing pause', async () => {
    const { replace, credentialsOf, get, pass, untrusting, world, instance } = await served();
    untrusting.add('temp');
    replace('temp');
    await pass(4_000);
    expect(await credentialsOf('temp')).toEqual({
      Code: 'AssumeRoleUnauthorizedAccess',
      Message:
        'EC2 cannot assume the role temp.  Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.',
      LastUpdated: '2026-01-05T09:00:04Z',
    });
    expect(JSON.parse((await get('meta-data/iam/info')).body).Code).toBe('Success');
    expect(world.imds.credentials(instance.id)).toBeUndefined();
    await pass(3_000);
    expect((await credentialsOf('temp')).LastUpdated).toBe('2026-01-05T09:00:07Z');
    untrusting.clear();
    await pass(5_999);
    expect((await credentialsOf('temp')).Code).toBe('AssumeRoleUnauthorizedAccess');
    await pass(1);
    expect((await credentialsOf('temp')).Code).toBe('Success');
  });

  test('nobody answers on an instance that does not run', async () => {
    const { world, instance, get, pass } = await served();
    world.ec2.stopInstance(instance.id);
    await expect(get('meta-data/instance-id')).rejects.toThrow('fetch failed');
    expect(world.imds.credentials(instance.id)).toBeUndefined();
    await pass(20_000);
    world.ec2.startInstance(instance.id);
    await pass(20_000);
    expect((await get('meta-data/instance-id')).status).toBe(200);
  });
});

describe('without a socket, and for real clients', () => {
  test('credentials() and the endpoint hand out the same set', async () => {
    const { world, instance, credentialsOf, profiles } = await served();
    const inProcess = world.imds.credentials(instance.id);
    expect(inProcess).toMatchObject({ roleName: 'app', profileArn: profiles.get('app')?.arn });
    expect(inProcess?.credentials.accessKeyId).toBe((await credentialsOf('app')).AccessKeyId);
    expect(await world.imds.endpoint(instance.id)).toBe(await world.imds.endpoint(instance.id));
  });

  test("the SDK's own provider", async () => {
    // It compares expirations with the real time.
    const { world, instance, endpoint } = await served({ profile: 'app' }, Date.now());
    process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = endpoint;
    const { credentials } = world.imds.credentials(instance.id)!;
    expect(await fromInstanceMetadata()()).toMatchObject({
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken,
    });
  });
});
