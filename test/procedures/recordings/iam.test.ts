import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  type CreateRoleCommandInput,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  ListInstanceProfilesCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  type Tag,
  TagRoleCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { describe, expect, test } from '@jest/globals';
import { account, allowing, type Clients, EC2_TRUST, refusal, rewriting, trusting } from './recorded';

/** aws-facts 2.2, 2.3; aws-facts-2 0c, 18.1. `one` is a role in a profile of its name, `two` too. */
const POLICY = allowing('s3:GetObject');
const NOTHING = 'arn:aws:iam::123456789012:policy/Nothing';
const MANAGED = (name: string) => `arn:aws:iam::aws:policy/${name}`;
const RoleName = 'one';
const InstanceProfileName = 'one';

async function stage() {
  const all = account();
  await all.makeProfile('one', EC2_TRUST, 'AmazonS3ReadOnlyAccess');
  await all.makeProfile('two');
  await all.pass(10);
  return all;
}

const create = (input: Partial<CreateRoleCommandInput>) => (iam: Clients['iam']) =>
  iam.send(new CreateRoleCommand({ RoleName: 'three', AssumeRolePolicyDocument: EC2_TRUST, ...input }));
const tag =
  (...Tags: Tag[]) =>
  (iam: Clients['iam']) =>
    iam.send(new TagRoleCommand({ RoleName, Tags }));

test.each<[status: number, code: string, message: string, ask: (iam: Clients['iam']) => Promise<unknown>]>([
  [409, 'EntityAlreadyExists', 'Role with name one already exists.', create({ RoleName })],
  // Names are one whatever their case.
  [409, 'EntityAlreadyExists', 'Role with name ONE already exists.', create({ RoleName: 'ONE' })],
  [
    409,
    'EntityAlreadyExists',
    'Instance Profile one already exists.',
    (iam) => iam.send(new CreateInstanceProfileCommand({ InstanceProfileName })),
  ],
  [
    404,
    'NoSuchEntity',
    'The role with name three cannot be found.',
    (iam) => iam.send(new GetRoleCommand({ RoleName: 'three' })),
  ],
  [
    404,
    'NoSuchEntity',
    'Instance Profile three cannot be found.',
    (iam) => iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: 'three' })),
  ],
  [
    404,
    'NoSuchEntity',
    'The role policy with name inline cannot be found.',
    (iam) => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'inline' })),
  ],
  [
    404,
    'NoSuchEntity',
    `Policy ${MANAGED('AmazonEC2FullAccess')} was not found.`,
    (iam) => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: MANAGED('AmazonEC2FullAccess') })),
  ],
  [
    404,
    'NoSuchEntity',
    `Policy ${NOTHING} does not exist or is not attachable.`,
    (iam) => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: NOTHING })),
  ],
  [
    409,
    'DeleteConflict',
    'Cannot delete entity, must remove roles from instance profile first.',
    (iam) => iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })),
  ],
  [
    409,
    'DeleteConflict',
    'Cannot delete entity, must remove roles from instance profile first.',
    (iam) => iam.send(new DeleteRoleCommand({ RoleName })),
  ],
  [
    409,
    'LimitExceeded',
    'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
    (iam) => iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: 'two' })),
  ],
  [
    409,
    'LimitExceeded',
    'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
    (iam) => iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName })),
  ],
  [
    409,
    'LimitExceeded',
    'Maximum policy size of 10240 bytes exceeded for role one',
    (iam) =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName,
          PolicyName: 'inline',
          PolicyDocument: allowing(Array.from({ length: 1_000 }, (_, place) => `s3:Get${place}`)),
        }),
      ),
  ],
])('%i %s: %s', async (status, code, message, ask) => {
  const { iam } = await stage();
  expect(await refusal(ask(iam))).toEqual({ code, message, status });
});

test('codes whose text is not recorded', async () => {
  const { iam } = await stage();
  const nobody = trusting({ AWS: 'arn:aws:iam::123456789012:role/nobody' });
  expect(await refusal(create({ AssumeRolePolicyDocument: nobody })(iam))).toEqual({
    code: 'MalformedPolicyDocument',
    message: expect.stringMatching(/^Invalid principal in policy: /),
    status: 400,
  });
  const other = new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName: 'two' });
  expect(await refusal(iam.send(other))).toMatchObject({ code: 'NoSuchEntity', status: 404 });
  for (const MaxSessionDuration of [3_599, 43_201]) {
    expect(await refusal(create({ MaxSessionDuration })(iam))).toMatchObject({ code: 'ValidationError', status: 400 });
  }
  expect(await refusal(create({ Path: '//' })(iam))).toMatchObject({ code: 'ValidationError', status: 400 });
});

test('a role goes when its profile, its managed and its inline policies have gone, in any order', async () => {
  const { iam } = await stage();
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'inline', PolicyDocument: POLICY }));
  await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
  const remove = () => iam.send(new DeleteRoleCommand({ RoleName }));
  const conflict = async () => (await refusal(remove())).message;
  expect(await conflict()).toBe('Cannot delete entity, must detach all policies first.');
  await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: MANAGED('AmazonS3ReadOnlyAccess') }));
  expect(await conflict()).toBe('Cannot delete entity, must delete policies first.');
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'inline' }));
  await remove();
});

test('paths and the case of names', async () => {
  const { iam } = await stage();
  const { Role } = await create({ RoleName: 'Three', Path: '/a//b/' })(iam);
  expect(Role?.Arn).toBe('arn:aws:iam::123456789012:role/a//b/Three');
  expect((await iam.send(new GetRoleCommand({ RoleName: 'tHREE' }))).Role?.RoleName).toBe('Three');
});

test('UpdateRole keeps the session duration that it is not told', async () => {
  const { iam } = await stage();
  const update = (input: { MaxSessionDuration?: number; Description?: string }) =>
    iam.send(new UpdateRoleCommand({ RoleName, ...input }));
  await update({ MaxSessionDuration: 7_200 });
  await update({ Description: 'reads' });
  expect((await iam.send(new GetRoleCommand({ RoleName }))).Role).toMatchObject({
    MaxSessionDuration: 7_200,
    Description: 'reads',
  });
  for (const MaxSessionDuration of [3_599, 43_201]) {
    expect(await refusal(update({ MaxSessionDuration }))).toMatchObject({ code: 'ValidationError', status: 400 });
  }
});

test('a listing of profiles leaves tags out', async () => {
  const { iam } = await stage();
  const Tags = [{ Key: 'team', Value: 'billing' }];
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'three', Tags }));
  const { InstanceProfiles = [] } = await iam.send(new ListInstanceProfilesCommand({}));
  expect(InstanceProfiles.map((profile) => 'Tags' in profile && profile.Tags !== undefined)).toEqual([
    false,
    false,
    false,
  ]);
});

describe('tags in the form of a query', () => {
  const tagsOf = async (iam: Clients['iam']) =>
    (await iam.send(new GetRoleCommand({ RoleName }))).Role?.Tags?.map(({ Key, Value }) => `${Key}=${Value}`);
  /** What TagRole answers to a form of these fields. */
  const send = async (iam: Clients['iam'], fields: string) => {
    rewriting(iam, (form) => (form.includes('Action=TagRole') ? `${form.replace(/&Tags.*$/, '')}&${fields}` : form));
    return tag({ Key: 'any', Value: 'any' })(iam);
  };

  test('numbers may begin with a zero, and leave gaps', async () => {
    const { iam } = await stage();
    await send(iam, 'Tags.member.01.Key=a&Tags.member.1.Value=1&Tags.member.3.Key=b&Tags.member.3.Value=2');
    expect(await tagsOf(iam)).toEqual(['a=1', 'b=2']);
  });

  test('but not too large ones', async () => {
    const { iam } = await stage();
    const far = send(iam, 'Tags.member.1000000.Key=a&Tags.member.1000000.Value=1');
    expect(await refusal(far)).toMatchObject({ code: 'MalformedInput', status: 400 });
  });

  test('what the model says is checked before permissions, reserved and repeated keys after them', async () => {
    const { user } = await stage();
    const { iam } = await user('ann');
    const denied = { code: 'AccessDenied', status: 403 };
    expect(await refusal(tag({ Key: '', Value: '' })(iam))).toMatchObject({ code: 'ValidationError', status: 400 });
    expect(await refusal(tag({ Key: 'aws:mine', Value: '' })(iam))).toMatchObject(denied);
    expect(await refusal(tag({ Key: 'a', Value: '1' }, { Key: 'A', Value: '2' })(iam))).toMatchObject(denied);
  });

  test('of a repeated key aws:RequestTag is the last value', async () => {
    const { user } = await stage();
    const condition = { StringEquals: { 'aws:RequestTag/a': '2' } };
    const { iam } = await user('ann', allowing('iam:TagRole', '*', condition));
    const twice = (first: string, last: string) => tag({ Key: 'a', Value: first }, { Key: 'a', Value: last })(iam);
    expect(await refusal(twice('2', '1'))).toMatchObject({ code: 'AccessDenied' });
    expect(await refusal(twice('1', '2'))).toMatchObject({ code: 'InvalidInput', status: 400 });
  });
});
