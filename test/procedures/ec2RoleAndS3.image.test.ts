import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { wallClock } from '../../local';
import { describeWithAwsCli } from '../support/awsCli';
import { type Account, account, writeTrust } from './guide';

const INSTANCE = 'i-0123456789abcdef0';
const ROLE = 'S3ReadOnlyForEC2';
const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
const CORE = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
/** Minutes pass in tenths of a second. */
const SPEED = 600;
const minute = () => sleep(60_000 / SPEED);
const TOKEN_TTL = 'X-aws-ec2-metadata-token-ttl-seconds';
const TOKEN = 'X-aws-ec2-metadata-token';

/** An account with a bucket, and the role of the notes in a profile. */
async function prepared(...policies: string[]): Promise<Account> {
  const all = await account({ clock: wallClock(SPEED) });
  const { asRoot } = all.aws.world;
  const trust = writeTrust('ec2-trust.json', { Service: 'ec2.amazonaws.com' });
  await all.owner.prints(`iam create-role --role-name ${ROLE} --assume-role-policy-document ${trust}`);
  for (const PolicyArn of policies) await asRoot('iam', 'AttachRolePolicy', { RoleName: ROLE, PolicyArn });
  await asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: ROLE });
  await asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: ROLE, RoleName: ROLE });
  await asRoot('s3', 'CreateBucket', { Bucket: 'notes' });
  await asRoot('s3', 'PutObject', { Bucket: 'notes', Key: '2026/a.txt', Body: 'a' });
  await minute();
  return all;
}

async function attach({ owner }: Account): Promise<void> {
  await owner.prints(
    `ec2 associate-iam-instance-profile --instance-id ${INSTANCE} --iam-instance-profile Name=${ROLE}`,
  );
  await minute();
}

describeWithAwsCli('an EC2 role that reads S3, by the AWS CLI', () => {
  test('on an instance: nothing without a role, S3 with it, and no keys typed', async () => {
    const all = await prepared(READ_ONLY);
    all.aws.world.ec2.addInstance({ id: INSTANCE });
    const instance = await all.onInstance(INSTANCE);
    const without = await instance.aws('iam', 'list-users');
    expect(without.exitCode).not.toBe(0);
    expect(without.stderr).toContain('Unable to locate credentials');

    await attach(all);
    expect((await instance.aws('s3', 'ls')).stdout).toMatch(/^\S+ \S+ notes\n$/);
    expect((await instance.aws('s3', 'ls', 's3://notes')).stdout).toMatch(/^ +PRE 2026\/\n$/);
    expect((await instance.aws('s3', 'ls', 's3://notes/2026/')).stdout).toMatch(/ 1 a\.txt\n$/);
    expect((await instance.aws('s3', 'cp', 's3://notes/2026/a.txt', '-')).stdout).toBe('a');
    const { Arn } = await instance.prints('sts get-caller-identity');
    expect(Arn).toBe(`arn:aws:sts::123456789012:assumed-role/${ROLE}/${INSTANCE}`);
    // It reads S3 and does nothing else.
    expect(await instance.refused('iam list-users')).toMatchObject({ code: 'AccessDenied' });
    const written = await instance.aws('s3', 'cp', 's3://notes/2026/a.txt', 's3://notes/b.txt');
    expect(written.exitCode).not.toBe(0);
    expect((await instance.aws('s3', 'ls', 's3://others')).stderr).toContain('(NoSuchBucket)');
  }, 60_000);

  test('the metadata service shows the role and its credentials to everybody on the instance, but no policy', async () => {
    const all = await prepared(READ_ONLY);
    all.aws.world.ec2.addInstance({ id: INSTANCE });
    const base = await all.aws.world.imds.endpoint(INSTANCE);
    const get = (path: string, headers = {}) => fetch(`${base}/latest/meta-data/${path}`, { headers });
    // IMDSv1: a plain GET, refused where tokens are required.
    expect((await get('instance-id')).status).toBe(401);
    const put = await fetch(`${base}/latest/api/token`, { method: 'PUT', headers: { [TOKEN_TTL]: '21600' } });
    const withToken = { [TOKEN]: await put.text() };
    expect(await (await get('instance-id', withToken)).text()).toBe(INSTANCE);
    expect((await get('iam/security-credentials/', withToken)).status).toBe(404);

    await attach(all);
    const text = async (path: string) => (await get(path, withToken)).text();
    expect(await text('iam/security-credentials/')).toBe(ROLE);
    expect(JSON.parse(await text(`iam/security-credentials/${ROLE}`))).toEqual({
      Code: 'Success',
      LastUpdated: expect.any(String),
      Type: 'AWS-HMAC',
      AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.any(String),
      Token: expect.any(String),
      Expiration: expect.any(String),
    });
    expect(JSON.parse(await text('iam/info'))).toMatchObject({
      InstanceProfileArn: `arn:aws:iam::123456789012:instance-profile/${ROLE}`,
    });
    expect(await text('iam/')).toBe('info\nsecurity-credentials/');
    expect((await get(`iam/policies/${ROLE}`, withToken)).status).toBe(404);
    expect((await get('instance-id', { [TOKEN]: 'guessed' })).status).toBe(401);
  }, 60_000);

  test('IMDSv1 where the instance still allows it', async () => {
    const { aws } = await account({ clock: wallClock(SPEED) });
    aws.world.ec2.addInstance({ id: INSTANCE, httpTokens: 'optional' });
    const base = await aws.world.imds.endpoint(INSTANCE);
    expect(await (await fetch(`${base}/latest/meta-data/instance-id`)).text()).toBe(INSTANCE);
  });

  test('the same commands, sent by Systems Manager', async () => {
    const all = await prepared(READ_ONLY, CORE);
    const { aws, owner } = all;
    aws.world.ec2.addInstance({ id: INSTANCE, profile: ROLE });
    await minute();
    const commands = JSON.stringify({ commands: ['aws s3 ls', 'aws s3 ls s3://notes/2026/', 'aws iam list-users'] });
    const { Command } = await owner.prints(
      `ssm send-command --document-name AWS-RunShellScript --instance-ids ${INSTANCE} --parameters`,
      commands,
    );
    const get = `ssm get-command-invocation --command-id ${Command.CommandId} --instance-id ${INSTANCE}`;
    let invocation = await owner.prints(get);
    while (['Pending', 'InProgress'].includes(invocation.Status)) invocation = await owner.prints(get);
    expect(invocation.StandardOutputContent).toMatch(/ notes\n.* a\.txt\n$/s);
    expect(invocation.StandardErrorContent).toContain('(AccessDenied) when calling the ListUsers operation');
    expect(invocation).toMatchObject({ Status: 'Failed', StatusDetails: 'Failed' });
  }, 60_000);
});
