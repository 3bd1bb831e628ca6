import {
  AssociateIamInstanceProfileCommand,
  type AssociateIamInstanceProfileCommandInput,
  DescribeIamInstanceProfileAssociationsCommand,
  type DescribeIamInstanceProfileAssociationsCommandInput,
  DisassociateIamInstanceProfileCommand,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { account, allowing, type Clients, refusal, rewriting } from './recorded';

/** aws-facts 1.1, 1.4, 1.5; aws-facts-2 0c: what the four operations refuse, and in which words. */
const INSTANCE = 'i-0123456789abcdef0';
const INSTANCE_ARN = `arn:aws:ec2:us-east-1:123456789012:instance/${INSTANCE}`;
const GONE = 'iip-assoc-0123456789abcdef0';
const ZEROS = `iip-assoc-${'0'.repeat(17)}`;
const ROLE = 'arn:aws:iam::123456789012:role/one';

const associate = (input: Partial<AssociateIamInstanceProfileCommandInput>) => (ec2: Clients['ec2']) =>
  ec2.send(new AssociateIamInstanceProfileCommand(input as AssociateIamInstanceProfileCommandInput));
const replace = (AssociationId: string) => (ec2: Clients['ec2']) =>
  ec2.send(new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile: { Name: 'one' } }));
const disassociate = (AssociationId: string) => (ec2: Clients['ec2']) =>
  ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId }));
const find = (input: DescribeIamInstanceProfileAssociationsCommandInput) => (ec2: Clients['ec2']) =>
  ec2.send(new DescribeIamInstanceProfileAssociationsCommand(input));
const filter = (Name: string, ...Values: string[]) => find({ Filters: [{ Name, Values }] });
const byName = (Name: string) => associate({ InstanceId: INSTANCE, IamInstanceProfile: { Name } });
const byArn = (Arn: string) => associate({ InstanceId: INSTANCE, IamInstanceProfile: { Arn } });
const onInstance = (InstanceId: string) => associate({ InstanceId, IamInstanceProfile: { Name: 'one' } });

async function stage() {
  const all = account();
  await all.makeProfile('one');
  await all.makeProfile('two');
  await all.pass(60);
  all.world.ec2.addInstance({ id: INSTANCE });
  return all;
}

const unknownArn = 'arn:aws:iam::123456789012:instance-profile/nobodys';
const notFound = `An invalid association-id of '${GONE}' was given`;
const MISSING_BOTH =
  'The request must include the following parameters: IamInstanceProfile, InstanceId. Add the required parameters and retry the request.';
const MISSING_ONE =
  'The request must include the IamInstanceProfile parameter. Add the required parameter and retry the request.';

test.each([
  ['MissingParameter', MISSING_BOTH, associate({})],
  ['MissingParameter', MISSING_ONE, associate({ InstanceId: INSTANCE })],
  ['InvalidInstanceID.Malformed', "The instance ID 'bad' is malformed", onInstance('bad')],
  [
    'InvalidInstanceID.Malformed',
    "The instance ID 'i-00000000000000000' is malformed",
    onInstance('i-00000000000000000'),
  ],
  [
    'InvalidInstanceID.NotFound',
    "The instance ID 'i-0fedcba9876543210' does not exist",
    onInstance('i-0fedcba9876543210'),
  ],
  [
    'InvalidParameterValue',
    'Value (nobodys) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    byName('nobodys'),
  ],
  [
    'InvalidParameterValue',
    `Value (${unknownArn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`,
    byArn(unknownArn),
  ],
  [
    'InvalidIamInstanceProfileArn.Malformed',
    "The ARN 'arn:x' is not valid. The expected format is arn:aws:iam::<account-id>:instance-profile/<name>.",
    byArn('arn:x'),
  ],
  ['InvalidParameterValue', 'Invalid Id: bad', replace('bad')],
  ['InvalidParameterValue', `Invalid Id: ${ZEROS}`, replace(ZEROS)],
  ['InvalidAssociationID.NotFound', notFound, replace(GONE)],
  ['InvalidParameterValue', 'Invalid Id: bad', disassociate('bad')],
  ['InvalidAssociationID.NotFound', notFound, disassociate(GONE)],
  ['InvalidParameterValue', 'Invalid value for association-id.', find({ AssociationIds: ['bad'] })],
  ['InvalidAssociationID.NotFound', notFound, find({ AssociationIds: [GONE] })],
  ['InvalidParameterValue', "An unknown filter 'bad' was given", filter('bad', 'x')],
  [
    'InvalidParameterValue',
    "An unknown filter 'iam-instance-profile.arn' was given",
    filter('iam-instance-profile.arn', 'x'),
  ],
  ['InvalidParameterValue', "An unknown filter 'association-id' was given", filter('association-id', GONE)],
  ['InvalidParameterValue', "An unknown filter 'tag:Name' was given", filter('tag:Name', 'x')],
  [
    'InvalidParameterValue',
    "A filter for an unknown association state of 'assoc*' was given",
    filter('state', 'assoc*'),
  ],
  [
    'InvalidParameterValue',
    "Only 'associated', 'associating' and 'disassociating' are allowed",
    filter('state', 'disassociated'),
  ],
  ['InvalidParameterValue', "A filter with an invalid instance-id of 'bad' was given", filter('instance-id', 'bad')],
  [
    'InvalidParameterValue',
    "Invalid value 'null/empty' for 'filter'. Invalid filter - one of more name/value pair was incomplete",
    filter('instance-id'),
  ],
  [
    'InvalidParameterValue',
    "Invalid value '0' for 'maxResults'. MaxResult must be a positive integer",
    find({ MaxResults: 0 }),
  ],
  ['InvalidNextToken', 'Pagination token is invalid', find({ NextToken: 'mine' })],
])('%s: %s', async (code, message, ask) => {
  const { ec2 } = await stage();
  expect(await refusal(ask(ec2))).toEqual({ code, message, status: 400 });
});

test('a page of one and one of 1,001 are accepted, whatever the model says', async () => {
  const { ec2 } = await stage();
  for (const MaxResults of [1, 1001])
    expect((await find({ MaxResults })(ec2)).IamInstanceProfileAssociations).toEqual([]);
});

test('of Name and Arn the Arn wins', async () => {
  const { ec2 } = await stage();
  const IamInstanceProfile = { Name: 'one', Arn: 'arn:aws:iam::123456789012:instance-profile/two' };
  const { IamInstanceProfileAssociation } = await associate({ InstanceId: INSTANCE, IamInstanceProfile })(ec2);
  expect(IamInstanceProfileAssociation?.IamInstanceProfile?.Arn).toBe(IamInstanceProfile.Arn);
});

describe('DryRun, which no SDK sends to these operations', () => {
  const wouldHaveSucceeded = {
    code: 'DryRunOperation',
    message: 'Request would have succeeded, but DryRun flag is set.',
    status: 412,
  };

  async function attached() {
    const all = await stage();
    const { IamInstanceProfileAssociation } = await onInstance(INSTANCE)(all.ec2);
    await all.pass(66);
    rewriting(all.ec2, (form) => `${form}&DryRun=true`);
    return { ...all, id: IamInstanceProfileAssociation?.AssociationId as string };
  }

  test('succeeds on all four: also an Associate that the instance has no room for', async () => {
    const { ec2, id } = await attached();
    for (const ask of [onInstance(INSTANCE), replace(id), disassociate(id), find({})]) {
      expect(await refusal(ask(ec2))).toEqual(wouldHaveSucceeded);
    }
  });

  test('looks at parameters all the same', async () => {
    const { ec2 } = await attached();
    expect(await refusal(byName('nobodys')(ec2))).toMatchObject({ code: 'InvalidParameterValue', status: 400 });
  });

  test('and at permissions', async () => {
    const { user } = await attached();
    const { ec2 } = await user('ann');
    rewriting(ec2, (form) => `${form}&DryRun=true`);
    expect(await refusal(onInstance(INSTANCE)(ec2))).toMatchObject({ code: 'UnauthorizedOperation', status: 403 });
  });
});

describe('who may not', () => {
  const denial = (action: string, resource: string) => ({
    code: 'UnauthorizedOperation',
    message: expect.stringMatching(
      new RegExp(
        `^You are not authorized to perform this operation\\. User: arn:aws:iam::123456789012:user/ann is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action\\. Encoded authorization failure message: \\S+$`,
      ),
    ),
    status: 403,
  });
  const passing = (Condition: object) => allowing('iam:PassRole', ROLE, Condition);

  test('Associate wants ec2:AssociateIamInstanceProfile on the instance', async () => {
    const { user } = await stage();
    const { ec2 } = await user('ann', passing({}));
    expect(await refusal(onInstance(INSTANCE)(ec2))).toEqual(denial('ec2:AssociateIamInstanceProfile', INSTANCE_ARN));
  });

  test('and iam:PassRole on the role; a malformed id is said before that', async () => {
    const { user } = await stage();
    const { ec2 } = await user('ann', allowing('ec2:*'));
    expect(await refusal(onInstance(INSTANCE)(ec2))).toEqual(denial('iam:PassRole', ROLE));
    expect(await refusal(onInstance('bad')(ec2))).toMatchObject({ code: 'InvalidInstanceID.Malformed' });
  });

  test.each([
    ['iam:PassedToService', { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } }, true],
    [
      'any instance',
      { ArnLike: { 'iam:AssociatedResourceArn': 'arn:aws:ec2:us-east-1:123456789012:instance/*' } },
      true,
    ],
    ['the very instance', { ArnLike: { 'iam:AssociatedResourceArn': INSTANCE_ARN } }, false],
    [
      'the instance in any region',
      { ArnLike: { 'iam:AssociatedResourceArn': INSTANCE_ARN.replace('us-east-1', '*') } },
      false,
    ],
  ])('PassRole on condition of %s', async (_, condition, isAllowed) => {
    const { user } = await stage();
    const { ec2 } = await user('ann', allowing('ec2:*'), passing(condition));
    const asked = onInstance(INSTANCE)(ec2);
    if (isAllowed) expect((await asked).IamInstanceProfileAssociation?.State).toBe('associating');
    else expect(await refusal(asked)).toEqual(denial('iam:PassRole', ROLE));
  });

  test.each([
    [
      'the new profile',
      { ArnLike: { 'ec2:NewInstanceProfile': 'arn:aws:iam::123456789012:instance-profile/on*' } },
      true,
    ],
    [
      'another new profile',
      { ArnLike: { 'ec2:NewInstanceProfile': 'arn:aws:iam::123456789012:instance-profile/tw*' } },
      false,
    ],
    // There is none yet: the key is absent.
    ['any profile that is attached', { ArnLike: { 'ec2:InstanceProfile': '*' } }, false],
  ])('Associate on condition of %s', async (_, condition, isAllowed) => {
    const { user } = await stage();
    const { ec2 } = await user('ann', allowing('ec2:AssociateIamInstanceProfile', '*', condition), passing({}));
    const asked = onInstance(INSTANCE)(ec2);
    if (isAllowed) expect((await asked).IamInstanceProfileAssociation?.State).toBe('associating');
    else expect(await refusal(asked)).toEqual(denial('ec2:AssociateIamInstanceProfile', INSTANCE_ARN));
  });

  test('Disassociate passes no role, and Replace passes the new one', async () => {
    const { user, ec2: owner, pass } = await stage();
    const { IamInstanceProfileAssociation } = await onInstance(INSTANCE)(owner);
    await pass(66);
    const id = IamInstanceProfileAssociation?.AssociationId as string;
    const { ec2 } = await user('ann', allowing('ec2:*'));
    expect(await refusal(replace(id)(ec2))).toEqual(denial('iam:PassRole', ROLE));
    expect((await disassociate(id)(ec2)).IamInstanceProfileAssociation?.State).toBe('disassociating');
  });
});
