import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { clientEnvironment, describeWithAwsCli, exported } from '../support/awsCli';
import { scratchFolder } from '../support/scratch';
import { type Account, account, keysIn, skippingClock } from './guide';

/** What the guides' readers made, taken away again: every step out of order is refused, as AWS does it. */
const ACCOUNT = '123456789012';
const INSTANCE = 'i-0123456789abcdef0';
const OWN_POLICY = `arn:aws:iam::${ACCOUNT}:policy/assume-role-policy`;
const CORE = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
const PROPAGATED = 10_000;

const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const trusting = (Principal: object) => document({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });
const PolicyDocument = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' });

/** The account as the AssumeRole guide leaves it, with an inline policy beside the attached one. */
async function afterAssumeRole() {
  const clock = skippingClock();
  const all = await account({ clock });
  const { asRoot } = all.aws.world;
  const UserName = 'assume-role-user';
  await asRoot('iam', 'CreatePolicy', { PolicyName: 'assume-role-policy', PolicyDocument });
  await asRoot('iam', 'CreateUser', { UserName });
  const { AccessKey } = await asRoot('iam', 'CreateAccessKey', { UserName });
  await asRoot('iam', 'AttachUserPolicy', { UserName, PolicyArn: OWN_POLICY });
  await asRoot('iam', 'PutUserPolicy', { UserName, PolicyName: 'notes', PolicyDocument });
  clock.skip(PROPAGATED);
  return { ...all, clock, user: all.withKeys(keysIn(AccessKey)), keyId: AccessKey.AccessKeyId as string };
}

/** The account as the guide to instance profiles leaves it, with names that hold all that names may hold. */
async function afterInstanceProfile() {
  const all = await account({});
  const { asRoot } = all.aws.world;
  const [RoleName, InstanceProfileName] = ['role+=,.@-_for-ec2', 'for+=,.@-_ec2'];
  const Tags = [{ Key: 'Team', Value: 'a b' }];
  const AssumeRolePolicyDocument = trusting({ Service: 'ec2.amazonaws.com' });
  await asRoot('iam', 'CreateRole', { RoleName, Path: '/guide/', AssumeRolePolicyDocument, Tags });
  await asRoot('iam', 'AttachRolePolicy', { RoleName, PolicyArn: CORE });
  await asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName });
  await asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName, RoleName });
  return { ...all, role: RoleName, profile: InstanceProfileName };
}

const conflict = (message: string) => ({ code: 'DeleteConflict', message });

describeWithAwsCli('cleaning up after the guide to AssumeRole', () => {
  test('a key is switched off before it is deleted', async () => {
    const { owner, user, clock, keyId } = await afterAssumeRole();
    const key = `--user-name assume-role-user --access-key-id ${keyId}`;
    expect((await user.refused('iam get-user')).code).toBe('AccessDenied');
    await owner.prints(`iam update-access-key ${key} --status Inactive`);
    clock.skip(PROPAGATED);
    expect((await user.refused('sts get-caller-identity')).code).toBe('InvalidClientTokenId');
    const { AccessKeyMetadata } = await owner.prints('iam list-access-keys --user-name assume-role-user');
    expect(AccessKeyMetadata).toMatchObject([{ AccessKeyId: keyId, Status: 'Inactive' }]);
    await owner.prints(`iam delete-access-key ${key}`);
    const again = await owner.refused(`iam delete-access-key ${key}`);
    expect(again).toEqual({ code: 'NoSuchEntity', message: `The Access Key with id ${keyId} cannot be found.` });
  }, 60_000);

  test('user and policy go when nothing hangs on them', async () => {
    const { owner, keyId } = await afterAssumeRole();
    const user = '--user-name assume-role-user';
    const attachment = `${user} --policy-arn ${OWN_POLICY}`;
    expect((await owner.prints(`iam get-user ${user}`)).User.Arn).toMatch(/user\/assume-role-user$/);
    const access = 'Cannot delete entity, must delete access keys first.';
    expect(await owner.refused(`iam delete-user ${user}`)).toEqual(conflict(access));
    await owner.prints(`iam delete-access-key ${user} --access-key-id ${keyId}`);
    expect(await owner.refused(`iam delete-user ${user}`)).toEqual(
      conflict('Cannot delete entity, must detach all policies first.'),
    );
    expect(await owner.refused(`iam delete-policy --policy-arn ${OWN_POLICY}`)).toEqual(
      conflict('Cannot delete a policy attached to entities.'),
    );
    const holders = await owner.prints(`iam list-entities-for-policy --policy-arn ${OWN_POLICY}`);
    expect(holders.PolicyUsers).toMatchObject([{ UserName: 'assume-role-user' }]);
    const attached = await owner.prints(`iam list-attached-user-policies ${user}`);
    expect(attached.AttachedPolicies).toMatchObject([{ PolicyArn: OWN_POLICY }]);
    await owner.prints(`iam detach-user-policy ${attachment}`);
    expect((await owner.prints(`iam list-user-policies ${user}`)).PolicyNames).toEqual(['notes']);
    const inline = await owner.prints(`iam get-user-policy ${user} --policy-name notes`);
    expect(inline.PolicyDocument).toEqual(JSON.parse(PolicyDocument));
    await owner.prints(`iam delete-user-policy ${user} --policy-name notes`);
    await owner.prints(`iam delete-user ${user}`);
    const { Versions } = await owner.prints(`iam list-policy-versions --policy-arn ${OWN_POLICY}`);
    expect(Versions).toMatchObject([{ VersionId: 'v1', IsDefaultVersion: true }]);
    await owner.prints(`iam delete-policy --policy-arn ${OWN_POLICY}`);
    expect((await owner.prints('iam list-policies --scope Local')).Policies).toEqual([]);
    expect((await owner.prints('iam list-users')).Users).toEqual([]);
  }, 60_000);
});

describeWithAwsCli('cleaning up after the guide to instance profiles', () => {
  test('the role leaves its profile, then its policies leave it', async () => {
    const { owner, role, profile } = await afterInstanceProfile();
    const [named, inProfile] = [`--role-name ${role}`, `--instance-profile-name ${profile}`];
    const remove = 'Cannot delete entity, must remove roles from instance profile first.';
    expect(await owner.refused(`iam delete-role ${named}`)).toEqual(conflict(remove));
    expect(await owner.refused(`iam delete-instance-profile ${inProfile}`)).toEqual(conflict(remove));
    const { InstanceProfiles } = await owner.prints(`iam list-instance-profiles-for-role ${named}`);
    expect(InstanceProfiles).toMatchObject([{ InstanceProfileName: profile }]);
    await owner.prints(`iam remove-role-from-instance-profile ${inProfile} ${named}`);
    await owner.prints(`iam delete-instance-profile ${inProfile}`);
    const detach = 'Cannot delete entity, must detach all policies first.';
    expect(await owner.refused(`iam delete-role ${named}`)).toEqual(conflict(detach));
    await owner.prints(`iam detach-role-policy ${named} --policy-arn ${CORE}`);
    await owner.prints(`iam delete-role ${named}`);
    const gone = { code: 'NoSuchEntity', message: `The role with name ${role} cannot be found.` };
    expect(await owner.refused(`iam get-role ${named}`)).toEqual(gone);
  }, 60_000);

  test('or is kept, and only put in order', async () => {
    const { owner, role, profile } = await afterInstanceProfile();
    const named = `--role-name ${role}`;
    await owner.prints(`iam update-role ${named} --max-session-duration 7200 --description`, 'for the guide');
    await owner.prints(`iam put-role-permissions-boundary ${named} --permissions-boundary ${CORE}`);
    const { Role } = await owner.prints(`iam get-role ${named}`);
    const PermissionsBoundary = { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: CORE };
    expect(Role).toMatchObject({ Description: 'for the guide', MaxSessionDuration: 7200, PermissionsBoundary });
    await owner.prints(`iam delete-role-permissions-boundary ${named}`);
    expect((await owner.prints(`iam list-role-tags ${named}`)).Tags).toEqual([{ Key: 'Team', Value: 'a b' }]);
    await owner.prints(`iam untag-role ${named} --tag-keys team`);
    expect((await owner.prints(`iam list-role-tags ${named}`)).Tags).toEqual([]);
    const inProfile = `--instance-profile-name ${profile}`;
    await owner.prints(`iam tag-instance-profile ${inProfile} --tags`, 'Key=Made by,Value=guide');
    const tags = `iam list-instance-profile-tags ${inProfile}`;
    expect((await owner.prints(tags)).Tags).toEqual([{ Key: 'Made by', Value: 'guide' }]);
    await owner.prints(`iam untag-instance-profile ${inProfile} --tag-keys`, 'Made by');
    expect((await owner.prints(tags)).Tags).toEqual([]);
  }, 60_000);
});

describeWithAwsCli('tags of an instance', () => {
  test('enrol it, are found, and are taken away', async () => {
    const { aws, owner } = await account({});
    for (const id of [INSTANCE, 'i-0123456789abcdef1']) aws.world.ec2.addInstance({ id, tags: { Name: id } });
    const enrolment = 'Key=stepup:grants,Value=run-remote-script';
    await owner.prints(`ec2 create-tags --resources ${INSTANCE} --tags ${enrolment}`);
    const { Tags } = await owner.prints('ec2 describe-tags --filters Name=key,Values=stepup:*');
    const ResourceType = 'instance';
    expect(Tags).toEqual([{ Key: 'stepup:grants', Value: 'run-remote-script', ResourceId: INSTANCE, ResourceType }]);
    const ids = '--query Reservations[].Instances[].InstanceId';
    const enrolled = `ec2 describe-instances --filters Name=tag-key,Values=stepup:grants ${ids}`;
    expect(await owner.prints(enrolled)).toEqual([INSTANCE]);
    expect(await owner.prints(`ec2 describe-instances --page-size 5 --max-items 1 ${ids}`)).toEqual([INSTANCE]);
    await owner.prints(`ec2 delete-tags --resources ${INSTANCE} --tags ${enrolment}`);
    expect(await owner.prints(enrolled)).toEqual([]);
    const reserved = await owner.refused(`ec2 create-tags --resources ${INSTANCE} --tags Key=aws:x,Value=y`);
    expect(reserved.code).toBe('InvalidParameterValue');
  }, 60_000);
});

/** An account with a bucket, and a folder with a file of the size that clients upload in parts. */
async function withBucket(): Promise<Account & { folder: string }> {
  const all = await account({});
  await all.aws.world.asRoot('s3', 'CreateBucket', { Bucket: 'notes' });
  const folder = scratchFolder('uploads');
  writeFileSync(join(folder, 'large'), Buffer.alloc(20_000_000, 'twenty megabytes '));
  writeFileSync(join(folder, 'small'), 'small');
  return { ...all, folder };
}

describeWithAwsCli('a bucket', () => {
  test('is emptied, then removed', async () => {
    const { owner, folder } = await withBucket();
    const s3 = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await owner.aws('s3', ...args);
      return exitCode === 0 ? stdout : stderr;
    };
    const large = 's3://notes/2026/a b+ü%2F.bin';
    await s3('cp', join(folder, 'large'), large, '--no-progress');
    await s3('sync', folder, 's3://notes/all', '--no-progress');
    expect(await s3('ls', 's3://notes/all/')).toMatch(/ 20000000 large\n.* 5 small\n$/s);
    expect(await s3('rb', 's3://notes')).toContain('(BucketNotEmpty)');
    expect(await s3('rm', large)).toBe(`delete: ${large}\n`);
    expect(await s3('ls', 's3://notes/2026/')).toBe('');
    const moved = 's3://notes/archive/x y+%20ü?#.txt';
    expect(await s3('mv', 's3://notes/all/small', moved, '--no-progress')).toBe(
      `move: s3://notes/all/small to ${moved}\n`,
    );
    expect(await s3('cp', moved, '-')).toBe('small');
    expect(await s3('cp', 's3://notes/all/large', large, '--no-progress')).toMatch(/^copy: /);
    expect(await s3('rm', large)).toBe(`delete: ${large}\n`);
    await owner.prints('s3api copy-object --bucket notes --key a --copy-source notes/all/large');
    expect(await s3('rm', 's3://notes/archive', '--recursive')).toContain(moved);
    expect(await owner.prints('s3api list-objects --bucket notes --query Contents[].Key')).toEqual(['a', 'all/large']);
    await owner.prints('s3api delete-objects --bucket notes --delete Objects=[{Key=a}],Quiet=true');
    await s3('rm', 's3://notes/all', '--recursive');
    expect(await s3('ls', 's3://notes')).toBe('');
    await s3('rb', 's3://notes');
    expect(await s3('ls')).toBe('');
  }, 60_000);

  test('by the API, with an upload that is given up and one that is finished', async () => {
    const { owner, folder } = await withBucket();
    const at = '--bucket notes --key a';
    const begin = async () => (await owner.prints(`s3api create-multipart-upload ${at}`)).UploadId;
    const put = (id: string) =>
      owner.prints(`s3api upload-part ${at} --upload-id ${id} --part-number 1 --body ${join(folder, 'small')}`);
    const left = await begin();
    await put(left);
    await owner.prints(`s3api abort-multipart-upload ${at} --upload-id ${left}`);
    const id = await begin();
    const { ETag } = await put(id);
    const parts = ['--multipart-upload', JSON.stringify({ Parts: [{ PartNumber: 1, ETag }] })];
    const late = await owner.refused(`s3api complete-multipart-upload ${at} --upload-id ${left}`, ...parts);
    expect(late.code).toBe('NoSuchUpload');
    const done = await owner.prints(`s3api complete-multipart-upload ${at} --upload-id ${id}`, ...parts);
    expect(done.ETag).toMatch(/-1"$/);
    expect(await owner.prints('s3api head-bucket --bucket notes')).toMatchObject({ BucketRegion: 'us-east-1' });
    const again = await begin();
    const copied = '--part-number 1 --copy-source notes/a --copy-source-range bytes=1-3';
    await owner.prints(`s3api upload-part-copy ${at} --upload-id ${again} ${copied}`);
    await owner.prints(`s3api abort-multipart-upload ${at} --upload-id ${again}`);
    await owner.prints(`s3api delete-object ${at}`);
    await owner.prints('s3api delete-bucket --bucket notes');
    expect((await owner.refused('s3api head-bucket --bucket notes')).code).toBe('404');
  }, 60_000);

  test("and boto3's transfers, in parts there and back", async () => {
    const { aws, endpoint, folder } = await withBucket();
    const script = [
      'import boto3, filecmp',
      "s3 = boto3.client('s3')",
      "key = 'a b/ü%2F+&?#.bin'",
      "s3.upload_file('large', 'notes', key)",
      "s3.upload_file('small', 'notes', 'small')",
      "s3.download_file('notes', key, 'back')",
      "print(filecmp.cmp('large', 'back', shallow=False), s3.head_object(Bucket='notes', Key=key)['ETag'][-3:])",
      "notes = boto3.resource('s3').Bucket('notes')",
      "notes.copy({'Bucket': 'notes', 'Key': 'small'}, 'b+c d')",
      'print([each.key for each in notes.objects.all()] == [key, "b+c d", "small"])',
      "print(len(notes.objects.all().delete()[0]['Deleted']), list(notes.objects.all()))",
    ].join('\n');
    const env = { ...clientEnvironment(endpoint, folder), ...exported(aws.world.iam.rootKey) };
    const { stdout } = await promisify(execFile)('python3', ['-c', script], { env, cwd: folder });
    expect(stdout).toBe('True -3"\nTrue\n3 []\n');
  }, 60_000);
});
