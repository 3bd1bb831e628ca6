import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildRelease } from '../../infra/catalogue';
import { configurationSchema, parseOrExplain, settingsSchema } from '../../infra/config';
import { readGrant, readGrants } from '../../infra/grantFiles';
import { catalogueSchema, unbound } from '../../state-machine/catalogue';
import { scratchFolder } from '../support/scratch';
import { synth } from './synth';

const ROOT = join(__dirname, '..', '..');
const SHIPPED = join(ROOT, 'infra', 'grants');

const READ = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:${partition}:s3:::${bucket}/*' };
const grantWith = (statement: object, more: object = {}) => ({
  description: 'A grant',
  maxMinutes: 10,
  documents: ['AWS-RunShellScript'],
  parameters: { bucket: 'mine' },
  policy: { Version: '2012-10-17', Statement: [{ ...READ, ...statement }] },
  ...more,
});
const file = (grant: unknown, name = 'some-grant.json') => {
  const path = join(scratchFolder('grants'), name);
  writeFileSync(path, typeof grant === 'string' ? grant : JSON.stringify(grant));
  return path;
};

describe('the shipped grants', () => {
  const grants = readGrants(SHIPPED);

  test('are these', () => expect(Object.keys(grants)).toEqual(['read-bucket-prefix', 'run-remote-script']));

  test('have nothing unbound but what is known only when they are used', () => {
    for (const { policy } of Object.values(grants)) expect(unbound(policy)).toEqual(['partition']);
  });

  test("run-remote-script has the S3 actions of AWS's article; its literal form is a valid grant, too", () => {
    const actions = (grant: ReturnType<typeof readGrant>) =>
      new Set(grant.policy.Statement.flatMap(({ Action }) => Action));
    const literal = readGrant(join(ROOT, 'docs', 'grants', 'expanded-permissions-for-automation.json'));
    expect(actions(grants['run-remote-script']!)).toEqual(actions(literal));
    expect(actions(literal).size).toBe(8);
    expect(literal.policy.Statement.map(({ Resource }) => Resource)).toEqual([
      ['arn:${partition}:s3:::my-script-bucket', 'arn:${partition}:s3:::my-script-bucket/*'],
    ]);
  });

  test('make a catalogue that the functions can read', () => {
    const { catalogue } = buildRelease(settingsSchema.parse({ restorableRoles: ['*'] }));
    expect(catalogueSchema.parse(JSON.parse(JSON.stringify(catalogue)))).toEqual(catalogue);
    expect(catalogue.core.Statement[0]!.Action).toHaveLength(12 + 4 + 6 + 1);
  });
});

describe('a grant is refused, with its file and field,', () => {
  test.each<[string, unknown, string]>([
    ['that is not JSON', '{', 'is not JSON'],
    [
      'with no statement',
      grantWith({}, { policy: { Version: '2012-10-17', Statement: [] }, parameters: {} }),
      'policy.Statement: is empty',
    ],
    ['with no action', grantWith({ Action: [] }), 'policy.Statement[0].Action: is empty; name at least one'],
    ['with an empty list of resources', grantWith({ Resource: [] }), 'policy.Statement[0].Resource: is empty'],
    ['with a Deny of no resource', grantWith({ Effect: 'Deny', Resource: [] }), '.Resource: is empty'],
    ['with a Deny misspelt', grantWith({ Effect: 'Deny', Action: 's3:GetObjcet' }), "did you mean 's3:GetObject'?"],
    ['with a Sid of words', grantWith({ Sid: 'my sid!' }), ".Sid: 'my sid!' must be letters A to Z and digits"],
    [
      'with an operator misspelt',
      grantWith({ Condition: { StringEqual: { 'aws:username': 'x' } } }),
      ".Condition: IAM has no operator 'StringEqual'; did you mean 'StringEquals'?",
    ],
    [
      'with a set operator misspelt',
      grantWith({ Condition: { 'ForAnyValue:StringLikes': { 'aws:TagKeys': 'x' } } }),
      "did you mean 'ForAnyValue:StringLike'?",
    ],
    [
      'with an operator that takes no IfExists',
      grantWith({ Condition: { NullIfExists: { 'aws:username': 'true' } } }),
      "has no operator 'NullIfExists'; did you mean 'Null'?",
    ],
    [
      'with an operator like none',
      grantWith({ Condition: { Regex: { 'aws:username': 'x' } } }),
      "has no operator 'Regex'. There is: StringEquals, ",
    ],
    [
      'with a key of no service',
      grantWith({ Condition: { Bool: { secure: 'true' } } }),
      ".Condition.Bool: 'secure' is no key",
    ],
    ...['${bucket}', 'arn:${partition}:s3::${bucket}/x', 'arn:${partition}:s3:::', 'arn:::::${bucket}'].map(
      (Resource): [string, unknown, string] => [
        `with the resource ${Resource}`,
        grantWith({ Resource }),
        'is no ARN; write',
      ],
    ),
    [
      'with a colon of a variable for one of the ARN',
      grantWith({ Resource: 'arn:aws:s3::${bucket}-${aws:PrincipalTag/team}' }),
      'is no ARN; write',
    ],
    [
      'with a wildcard for the service of an ARN',
      grantWith({ Resource: 'arn:aws:*:::${bucket}' }),
      'has a wildcard in its service; name each service',
    ],
    [
      'with a character that IAM refuses',
      grantWith({ Resource: 'arn:aws:s3:::${bucket}/\u0142\u00f3d\u017a' }),
      'has the character U+0142, which IAM refuses',
    ],
    [
      'with such a one in a parameter',
      grantWith({}, { parameters: { bucket: 'smile\u{1F600}' } }),
      'has the character U+1F600',
    ],
    ['with braces', grantWith({ Resource: 'arn:aws:s3:::${bucket}/{{x}}' }), 'has {{, which Parameter Store refuses'],
    ['with braces in its description', grantWith({}, { description: 'Reads {{ssm:x}}' }), "description: 'Reads {{"],
    ...['*', 'my doc', '', 'arn:aws:s3:::bucket', 'arn:aws:ssm:us-east-1:123456789012:document/*'].map(
      (document): [string, unknown, string] => [
        `with the document '${document}'`,
        grantWith({}, { documents: ['AWS-RunShellScript', document] }),
        `documents[1]: '${document}' is neither the name of a document`,
      ],
    ),
    [
      'with a document twice',
      grantWith({}, { documents: ['AWS-RunShellScript', 'AWS-RunShellScript'] }),
      "documents[1]: 'AWS-RunShellScript' is there twice",
    ],
    [
      "with the capitals of one of AWS's wrong",
      grantWith({}, { documents: ['AWS-RunShellscript'] }),
      "documents[0]: AWS has no 'AWS-RunShellscript'; did you mean 'AWS-RunShellScript'?",
    ],
    ['with an action misspelt', grantWith({ Action: 's3:GetObjcet' }), "did you mean 's3:GetObject'?"],
    [
      'with an action that is nothing like any',
      grantWith({ Action: 's3:Zzzzzzzzzzzz' }),
      "has no 's3:Zzzzzzzzzzzz'. (Is",
    ],
    ['with a service misspelt', grantWith({ Action: 'dynamdb:GetItem' }), "did you mean 'dynamodb:GetItem'?"],
    ['with a wildcard that stands for nothing', grantWith({ Action: 's3:Gte*' }), "has no 's3:Gte*'"],
    ['with a wildcard in the service', grantWith({ Action: 's*:GetObject' }), "'s*:GetObject' is no action"],
    [
      'with what a guard denies',
      grantWith({ Action: 'iam:CreateUser' }),
      '.Action: every ceiling denies iam:CreateUser',
    ],
    ['with a wildcard that a guard cuts', grantWith({ Action: 'cloudtrail:*' }), 'cloudtrail:* stands for cloudtrail:'],
    [
      "with StepUp's own things",
      grantWith({
        Action: 'ssm:GetParameter',
        Resource: 'arn:aws:ssm:us-east-1:123456789012:parameter/stepup/${bucket}',
      }),
      "is StepUp's own: every ceiling denies it",
    ],
    ['with SSM core in a narrow wildcard', grantWith({ Action: 'ssm:?etDocument' }), 'ssm:?etDocument belongs'],
    ['with SSM core in every service', grantWith({ Action: '*:*' }), '*:* belongs'],
    ['that says it outlives, and does not', grantWith({}, { outlives: true }), 'outlives: nothing in the policy does'],
    ['with an unknown key', grantWith({}, { minutes: 3 }), 'minutes'],
    ['that is too long', grantWith({}, { maxMinutes: 721 }), 'maxMinutes'],
    ['whose hold is no yes or no', grantWith({}, { hold: 'no' }), 'hold'],
    ['for nobody', grantWith({}, { requesters: [] }), 'requesters'],
    [
      'for a requester without an ARN',
      grantWith({}, { requesters: ['jane'] }),
      "the ARN of a user, a role's session or a schedule",
    ],
    [
      'for a role, whose sessions have other ARNs',
      grantWith({}, { requesters: ['arn:aws:iam::123456789012:role/ops/OnCall'] }),
      'is a role, and its sessions ask',
    ],
    [
      'with an unbound parameter',
      grantWith({ Resource: 'arn:${partition}:s3:::${bucket}/${prefix}*' }),
      '${prefix} is no parameter',
    ],
    [
      'with an unknown built-in',
      grantWith({ Resource: 'arn:${partition}:s3:::${bucket}/${stack}*' }),
      '${stack} is no parameter',
    ],
    ['with a parameter that is never used', grantWith({}, { parameters: { bucket: 'b', key: 'k' } }), 'parameters.key'],
    [
      'with a parameter named as a built-in',
      grantWith({}, { parameters: { bucket: 'b', partition: 'p' } }),
      'parameters.partition',
    ],
    [
      'with a wildcard bucket',
      grantWith({ Resource: 'arn:${partition}:s3:::${bucket}*/x' }),
      '.Resource: arn:${partition}:s3:::mine*/x',
    ],
    [
      'with a wildcard bucket by parameter',
      grantWith({}, { parameters: { bucket: 'b*' } }),
      'policy.Statement[0].Resource',
    ],
    ['with every bucket', grantWith({ Resource: '*' }, { parameters: {} }), '.Resource: * reaches'],
    [
      'with every bucket in every service',
      grantWith({ Resource: 'arn:*' }, { parameters: {} }),
      '.Resource: arn:* reaches',
    ],
    [
      'with SSM core',
      grantWith({ Action: ['s3:GetObject', 'ssm:updateInstanceInformation'] }),
      'ssm:updateInstanceInformation belongs',
    ],
    ['with SSM core by wildcard', grantWith({ Action: 'ssm:*' }), 'ssm:* belongs'],
    ['with a message channel', grantWith({ Action: 'ec2messages:Anything' }), 'ec2messages:Anything belongs'],
    ['with everything', grantWith({ Action: '*' }), '* belongs'],
    ['that says what it does not allow', grantWith({ Action: undefined, NotAction: 's3:Put*' }), '.NotAction'],
    ['with no resource', grantWith({ Resource: undefined }, { parameters: {} }), 'either Resource or NotResource'],
    [
      'with an expiry of its own',
      grantWith({ Condition: { dateLessThan: { 'AWS:CurrentTime': '2030-01-01' } } }),
      '.Condition: DateLessThan',
    ],
  ])('%s', (_, grant, message) => {
    const path = file(grant);
    expect(() => readGrant(path)).toThrow(path);
    expect(() => readGrant(path)).toThrow(message);
  });

  test.each(['Upper.json', 'inherit.json'])('named %s', (name) => {
    expect(() => readGrant(file(grantWith({}), name))).toThrow(name);
  });
});

test('what a grant says of holds and requesters is released with it', () => {
  const requesters = ['arn:aws:sts::123456789012:assumed-role/OnCall/*'];
  const folder = dirname(file(grantWith({}, { hold: false, requesters }), 'theirs.json'));
  const { catalogue } = buildRelease(settingsSchema.parse({ restorableRoles: ['*'], grantsFolder: folder }));
  expect(catalogue.grants).toMatchObject({ theirs: { hold: false, requesters } });
});

describe('what outlives a grant', () => {
  const reading =
    (Action: string | string[], more: object = {}) =>
    () =>
      readGrant(file(grantWith({ Action, Resource: 'arn:aws:x:::${bucket}' }, more)));
  const words = (text: string) => text.split(/\s+/);

  test.each(
    words(`sts:AssumeRole sts:GetFederationToken sts:GetSessionToken kms:CreateGrant ecr:GetAuthorizationToken
      codeartifact:GetAuthorizationToken sts:GetServiceBearerToken rds-db:connect dsql:DbConnectAdmin redshift:GetClusterCredentials
      eks:CreateAccessEntry s3express:CreateSession iam:PassRole lambda:CreateFunction lambda:UpdateFunctionCode
      lambda:AddPermission ec2:RunInstances ec2:RequestSpotInstances ssm:SendCommand ssm:StartSession ssm:CreateAssociation events:PutRule
      events:PutTargets scheduler:CreateSchedule s3:PutBucketPolicy s3:PutObjectAcl secretsmanager:PutResourcePolicy sqs:AddPermission
      states:StartExecution cloudformation:UpdateStack ec2-instance-connect:SendSSHPublicKey s3:Put* kms:* sqs:Set*`),
  )('%s is said, or refused', (action) => {
    expect(reading(action)).toThrow(/can leave something behind that acts on .* say "outlives": true/);
    expect(reading(action, { outlives: true })).not.toThrow();
  });

  test.each(
    words(`s3:PutObject s3:GetObject s3:DeleteObject s3:AbortMultipartUpload s3:ListBucket* dynamodb:PutItem dynamodb:UpdateItem
      sqs:SendMessage sns:Publish logs:CreateLogStream logs:PutLogEvents ec2:CreateTags ec2:CreateSnapshot rds:CreateDBSnapshot
      kms:Decrypt kms:GenerateDataKey athena:StartQueryExecution secretsmanager:GetSecretValue ec2:Describe* cloudwatch:PutMetricData
      lambda:InvokeFunction events:PutEvents rds-data:ExecuteStatement ec2:StopInstances`),
  )('%s is not meant', (action) => expect(reading(action)).not.toThrow());

  test('a Deny leaves nothing behind', () => {
    expect(() => readGrant(file(grantWith({ Effect: 'Deny', Action: 'sts:*' })))).not.toThrow();
  });

  test('what it is, is said at synth', () => {
    const folder = dirname(
      file(grantWith({ Action: ['s3:GetObject', 's3:PutObjectAcl'] }, { outlives: true }), 'opening.json'),
    );
    const { warnings } = synth({ grantsFolder: folder, restorableRoles: ['arn:aws:iam::123456789012:role/app'] });
    expect(warnings.join()).toContain(
      "Grant 'opening' can leave something behind that acts on when it has ended, by s3:PutObjectAcl.",
    );
  });
});

describe('a folder of grants is refused', () => {
  const folder = scratchFolder('folder');
  mkdirSync(join(folder, 'nested.json'));
  for (const name of ['grant.yaml', 'X.JSON', 'README']) writeFileSync(join(folder, name), '{}');

  test.each([
    ['without a NAME.json', folder, ' has no NAME.json: a grant is a file of that form, directly in the folder.'],
    ['that is not there', join(folder, 'none'), ' does not exist.'],
    ['that is a file', join(folder, 'README'), ' is no folder.'],
  ])('%s', (_, path, says) => {
    expect(() => readGrants(path)).toThrow(`grantsFolder: ${path}${says}`);
  });
});

test("a condition may have JSON's own values, which are text to IAM", () => {
  const Condition = { Bool: { 'aws:SecureTransport': true }, NumericLessThan: { 's3:max-keys': [10, 2.5] } };
  const [statement] = readGrant(file(grantWith({ Condition }))).policy.Statement;
  expect(statement?.Condition).toEqual({
    Bool: { 'aws:SecureTransport': 'true' },
    NumericLessThan: { 's3:max-keys': ['10', '2.5'] },
  });
});

test('a grant may allow documents of others by their ARNs', () => {
  const documents = [
    'My_own.doc-1',
    'AmazonCloudWatch-ManageAgent',
    'arn:aws-cn:ssm:cn-north-1:123456789012:document/Shared',
  ];
  expect(readGrant(file(grantWith({}, { documents }))).documents).toEqual(documents);
});

describe('a grant may', () => {
  test.each<[string, object]>([
    ['use IAM variables', { Resource: 'arn:${partition}:s3:::${bucket}/${aws:PrincipalTag/team}/*' }],
    ['deny as widely as it likes', { Effect: 'Deny', Action: '*', Resource: 'arn:${partition}:s3:::${bucket}*' }],
    [
      'read one SSM parameter',
      { Action: 'ssm:GetParameter', Resource: 'arn:${partition}:ssm:${region}:${account}:parameter/${bucket}' },
    ],
    ['compare other times', { Condition: { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01' } } }],
  ])('%s', (_, statement) => {
    expect(readGrant(file(grantWith(statement))).policy.Statement).toHaveLength(1);
  });

  test('list the buckets, which has no resource', () => {
    const list = grantWith({ Action: 's3:ListAllMyBuckets', Resource: '*' }, { parameters: {} });
    expect(readGrant(file(list)).policy.Statement).toHaveLength(1);
  });
});

describe('the configuration is refused, with its field,', () => {
  const parse = (value: object) => () => parseOrExplain('stepup.config.json', configurationSchema, value);

  test.each<[string, object]>([
    ['restorableRoles', {}],
    ['restorableRoles', { restorableRoles: ['app-*'] }],
    ['restorableRoles', { restorableRoles: [] }],
    ['stackname', { restorableRoles: ['*'], stackname: 'X' }],
    ['stackName', { restorableRoles: ['*'], stackName: 'x'.repeat(26) }],
    ['deployment', { restorableRoles: ['*'], deployment: 'a/b' }],
    ['outputLocations', { restorableRoles: ['*'], outputLocations: ['s3://bucket'] }],
    ['outputLocations', { restorableRoles: ['*'], outputLocations: [{ s3: 'https://bucket' }] }],
    ['defaultOutput', { restorableRoles: ['*'], defaultOutput: { s3: 's3://bucket' } }],
    [
      'defaultOutput',
      { restorableRoles: ['*'], outputLocations: [{ s3: 's3://b-1/x' }], defaultOutput: { s3: 's3://b-1/xy' } },
    ],
    ['inheritablePolicies', { restorableRoles: ['*'], inheritablePolicies: ['AmazonSSM*'] }],
    ['inheritCeiling', { restorableRoles: ['*'], inheritCeiling: [{ Effect: 'Permit' }] }],
    ['sourceVpcRequired', { restorableRoles: ['*'], sourceVpcRequired: 'yes' }],
    ['drainMinutes', { restorableRoles: ['*'], drainMinutes: 60 }],
    ['logRetentionDays', { restorableRoles: ['*'], logRetentionDays: 91 }],
  ])('%s %#', (field, value) => {
    expect(parse(value)).toThrow('stepup.config.json');
    expect(parse(value)).toThrow(field);
  });

  test('but not as the README has it', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/```json\n([^`]*"restorableRoles"[^`]*)```/g)].map(([, json]) => json!);
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) expect(parse(JSON.parse(example))).not.toThrow();
  });

  test('and else has defaults', () => {
    expect(parse({ restorableRoles: ['*'] })()).toMatchObject({
      stackName: 'StepUp',
      inherit: true,
      logRetentionDays: 90,
    });
  });
});
