import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { introduction } from '../../cli/local/introduction';
import { takeInventory } from '../../cli/local/inventory';
import { leftOver } from '../../cli/local/report';
import { seed, seedInstances } from '../../cli/local/seed';
import { exampleNames, readWorldFile } from '../../cli/local/worldFile';
import { createLocalAws, type LocalAws } from '../../local';
import { virtualClock } from '../../local/clock/virtual';
import { scratchFolder } from '../support/scratch';
import { createStage } from '../support/stage';

const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

/** An account on virtual time, seeded from an example or from a file. */
async function seeded(nameOrPath: string) {
  const file = readWorldFile(nameOrPath);
  const clock = virtualClock();
  const aws = createLocalAws({ account: file.world.account, region: file.world.region, clock });
  open.push(aws);
  const keys = await seed(aws.world, file);
  await clock.run(seedInstances(aws.world, file));
  return { world: aws.world, keys, clock };
}

const folder = scratchFolder('seed');
let files = 0;
function fileWith(yaml: string): string {
  files += 1;
  const path = join(folder, `${files}.yaml`);
  writeFileSync(path, yaml);
  return path;
}

describe('what is said at the start', () => {
  const said = async (nameOrPath: string) =>
    introduction((await seeded(nameOrPath)).world, readWorldFile(nameOrPath), 1);

  test('without StepUp nothing is proposed that needs it', async () => {
    for (const name of exampleNames()) expect(await said(name)).not.toContain('npx stepup');
    expect(await said('fleet')).toContain('aws ssm describe-instance-information');
    expect(await said(fileWith('try: [npx stepup grants]'))).toContain('  aws sts get-caller-identity\n');
  });

  test('a world in which nothing is', async () => {
    expect(await said(fileWith('# nothing\n'))).toMatch(/world .*\.yaml: empty, the account begins with nothing\n/);
    expect(await said('assume-role')).toMatch(/world .*assume-role\.yaml\n/);
  });

  test('that scripts for Windows need pwsh, where there is none', async () => {
    const path = process.env.PATH;
    const warning = "i-00000000000000002: scripts for Windows need pwsh, which is not on this machine's PATH";
    try {
      process.env.PATH = folder;
      expect(await said('fleet')).toContain(warning);
      expect(await said('assume-role')).not.toContain('pwsh');
      writeFileSync(join(folder, 'pwsh'), '', { mode: 0o755 });
      expect(await said('fleet')).not.toContain(warning);
    } finally {
      process.env.PATH = path;
    }
  });
});

describe('an account that is seeded', () => {
  test.each(exampleNames())('from the example %s', async (name) => {
    const { world, keys } = await seeded(name);
    const { world: wanted } = readWorldFile(name);
    const { things, profiles } = await takeInventory(world);
    expect([...things.user.keys()].sort()).toEqual(Object.keys(wanted.users).sort());
    expect([...things.role.keys()].sort()).toEqual(Object.keys(wanted.roles).sort());
    expect([...things.policy.keys()].sort()).toEqual(Object.keys(wanted.policies).sort());
    expect([...things.bucket.keys()].sort()).toEqual(Object.keys(wanted.buckets).sort());
    const objects = Object.entries(wanted.buckets).flatMap(([bucket, it]) =>
      Object.keys(it.objects).map((key) => `s3://${bucket}/${key}`),
    );
    expect([...things.object.keys()].sort()).toEqual(objects.sort());
    expect([...profiles]).toEqual(Object.entries(wanted.instances).map(([id, { profile }]) => [id, profile]));
    expect(keys.length).toBe(Object.values(wanted.users).flatMap((user) => user.accessKeys).length);
    // Keys are in effect when the instances are there.
    for (const { id, user } of keys) expect(world.iam.accessKey(id)?.principal.name).toBe(user);
  });

  test('has what the file says of each', async () => {
    const { world, keys } = await seeded('odd-names');
    const RoleName = 'App+Web=front,end@2_x.y-z';
    const { Role } = await world.asRoot('iam', 'GetRole', { RoleName });
    const trust = JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument));
    expect(trust.Statement[0].Principal).toEqual({
      Service: ['ec2.amazonaws.com'],
      AWS: ['arn:aws:iam::000000000042:root', 'arn:aws:iam::000000000042:user/007'],
    });
    expect(Role).toMatchObject({
      Path: '/instances/../front(end)/',
      MaxSessionDuration: 7200,
      PermissionsBoundary: { PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
      Tags: [
        { Key: 'cost center', Value: '4711' },
        { Key: 'größe', Value: '' },
      ],
    });
    const input = { InstanceProfileName: '=profile,of@App+Web' };
    const { InstanceProfile } = await world.asRoot('iam', 'GetInstanceProfile', input);
    expect(InstanceProfile).toMatchObject({ Path: '/instances/', Roles: [{ RoleName }] });
    expect(keys[1]).toEqual({
      user: 'jane.doe+ops=on,call@example.com',
      id: 'AKIAIOSFODNN7EXAMPLE',
      secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    });
    const key = { Bucket: '3.odd-bucket.with.dots', Key: 'ünïcödé/日本語/🎩.txt' };
    expect(Buffer.from((await world.asRoot('s3', 'GetObject', key)).Body).toString()).toBe('höflich');
  });

  test('has instances of every kind', async () => {
    const { world } = await seeded('fleet');
    const [linux, windows, v1, , stopped, without, offline, old] = world.ec2.instances();
    expect(linux).toMatchObject({
      platform: 'Linux',
      state: 'running',
      httpTokens: 'required',
      agent: { running: true },
    });
    expect(linux?.tags['stepup:grants']).toBe('run-remote-script read-bucket-prefix');
    expect([windows?.platform, v1?.httpTokens, stopped?.state]).toEqual(['Windows', 'optional', 'stopped']);
    expect(world.ec2.attachment(without?.id as string)).not.toHaveProperty('profileArn');
    expect(offline?.agent.running).toBe(false);
    expect(old?.agent).toEqual({ running: true, version: '3.1.1732.0' });
  });

  test('has associations of State Manager', async () => {
    const { world } = await seeded(
      fileWith(`associations:
  - { document: AWS-GatherSoftwareInventory, name: inventory, schedule: rate(1 day) }
  - document: AWS-AttachIAMToInstance
    targetParameter: InstanceId
    targets: { "tag:team": [data, web], ParameterValues: ["*"] }
    parameters: { RoleName: [app] }
`),
    );
    const { Associations } = await world.asRoot('ssm', 'ListAssociations', {});
    expect(Associations).toHaveLength(2);
    const of = (name: string) => Associations.find(({ Name }: { Name: string }) => Name === name);
    expect(of('AWS-GatherSoftwareInventory')).toMatchObject({
      AssociationName: 'inventory',
      ScheduleExpression: 'rate(1 day)',
    });
    const { AssociationId } = of('AWS-AttachIAMToInstance');
    const { AssociationDescription } = await world.asRoot('ssm', 'DescribeAssociation', { AssociationId });
    expect(AssociationDescription).toMatchObject({
      AutomationTargetParameterName: 'InstanceId',
      Targets: [
        { Key: 'tag:team', Values: ['data', 'web'] },
        { Key: 'ParameterValues', Values: ['*'] },
      ],
      Parameters: { RoleName: ['app'] },
    });
  });

  test('and each user may do what its policies say', async () => {
    const { world, keys } = await seeded('ready-to-elevate');
    const may = (user: string, action: string, resource: string) => {
      const id = keys.find((key) => key.user === user)?.id as string;
      return world.iam.evaluate(world.iam.accessKey(id)!.principal, action, resource).allowed;
    };
    const machine = 'arn:aws:states:us-east-1:123456789012:stateMachine:StepUp-us-east-1-elevation';
    expect(may('operator', 'states:StartExecution', machine)).toBe(true);
    expect(may('operator', 'ec2:ReplaceIamInstanceProfileAssociation', '*')).toBe(false);
    expect(may('operator', 's3:GetObject', 'arn:aws:s3:::my-script-bucket/scripts/report.cjs')).toBe(false);
    expect(may('admin', 'ec2:ReplaceIamInstanceProfileAssociation', '*')).toBe(true);
  });
});

test('fleet.yaml says which of its instances StepUp refuses, and why', async () => {
  const stage = await createStage({ profile: null });
  const file = readWorldFile('fleet');
  await stage.during(seed(stage.aws.world, file));
  await stage.during(seedInstances(stage.aws.world, file));
  const yaml = readFileSync(file.path, 'utf8');
  const said = [...yaml.matchAll(/#(.*)\n {2}(i-\w{17}):/g)].map(([, comment = '', id = '']) => ({
    id,
    error: /: (\w+)\.$/.exec(comment)?.[1],
  }));
  expect(said).toHaveLength(9);
  for (const { id, error } of said) {
    // Whether there is PowerShell hangs on the machine.
    if (error === 'IdentityNotProven') continue;
    const grant = stage.aws.world.ec2.instance(id)?.tags['stepup:grants']?.split(' ')[0] ?? 'run-remote-script';
    const execution = await stage.ended(await stage.start({ instanceId: id, grant, work: { shell: ['true'] } }));
    expect([id, execution.error]).toEqual([id, error]);
  }
});

describe('what AWS refuses is said in its words, with the entry', () => {
  test.each([
    ['users:\n  "jane doe": {}', /line 2, users\["jane doe"\]: ValidationError: .*'jane doe' at 'userName' failed/],
    [
      'roles:\n  app: { trust: ec2 }',
      /line 2, roles\.app: MalformedPolicyDocument: Invalid principal in policy: "AWS":"ec2"/,
    ],
    [
      'users: { jane: { policies: { p: [{ Effect: Allow, Action: read, Resource: "*" }] } } }',
      /users\.jane\.policies\.p: MalformedPolicyDocument: Actions.Conditions must be prefaced/,
    ],
    [
      'users:\n  jane:\n    managedPolicies:\n      - AmazonNothing',
      /line 4, users\.jane\.managedPolicies\.0: neither this file nor the embedded AWS has a policy 'AmazonNothing'; write/,
    ],
    [
      'users:\n  jane:\n    boundary: AdministratorAcess',
      /line 3, users\.jane\.boundary: neither .* 'AdministratorAcess'; did you mean 'AdministratorAccess'\?/,
    ],
    [
      'policies: { read-exports: [{ Effect: Allow, Action: "s3:*", Resource: "*" }] }\nroles: { app: { trust: ec2.amazonaws.com, managedPolicies: [read-export] } }',
      /line 2, roles\.app\.managedPolicies\.0: neither .*; did you mean 'read-exports'\?/,
    ],
    [
      'users: { jane: { managedPolicies: ["arn:aws:iam::aws:policy/No"] } }',
      /managedPolicies\.0: ValidationError: .*arn:aws:iam::aws:policy\/No/,
    ],
    ['users:\n  jane: {}\n  JANE: {}', /line 3, users\.JANE: EntityAlreadyExists: User with name JANE already exists/],
    ['users: { jane: { accessKeys: [generated, generated, generated] } }', /jane\.accessKeys\.2: LimitExceeded/],
    ['profiles: { app: { role: nobody } }', /profiles\.app: NoSuchEntity: The role with name nobody cannot be found/],
    ['buckets:\n  My_Bucket:', /line 2, buckets\.My_Bucket: InvalidBucketName: The specified bucket is not valid/],
    [
      'buckets: { one: { objects: { a: { file: nowhere.txt } } } }',
      /line 1, buckets\.one\.objects\.a: ENOENT.*nowhere\.txt/,
    ],
  ])('%j', async (yaml, sentence) => {
    await expect(seeded(fileWith(yaml))).rejects.toThrow(sentence);
  });
});

/** A thing of every kind that can be changed. */
const CHANGEABLE = `
roles:
  app:
    trust: ec2.amazonaws.com
    managedPolicies: [AmazonSSMManagedInstanceCore]
    profile: true
    tags: { team: a, other: x }
users:
  jane: { accessKeys: [{ id: AKIAIOSFODNN7EXAMPLE, secret: secret }] }
buckets:
  one: { objects: { a: { text: text } } }
  two:
instances:
  i-0123456789abcdef0: { profile: app, tags: { stepup:grants: read, Name: one } }
`;

describe('what is left of a session', () => {
  test('nothing', async () => {
    const { world } = await seeded('ready-to-elevate');
    const before = await takeInventory(world);
    expect(leftOver(before, await takeInventory(world))).toBe(
      'Left: nothing but what the account began with (not compared: executions and commands that have ended, unfinished uploads).',
    );
  });

  test('what was made, removed and replaced', async () => {
    const { world } = await seeded('ready-to-elevate');
    const before = await takeInventory(world);
    for (const UserName of ['eve', 'mallory']) await world.asRoot('iam', 'CreateUser', { UserName });
    await world.asRoot('iam', 'CreateAccessKey', { UserName: 'eve' });
    const PolicyDocument = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}';
    await world.asRoot('iam', 'CreatePolicy', { PolicyName: 'nothing', PolicyDocument });
    await world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName: 'app', RoleName: 'app' });
    await world.asRoot('iam', 'DeleteInstanceProfile', { InstanceProfileName: 'app' });
    await world.asRoot('s3', 'CreateBucket', { Bucket: 'made-here' });
    await world.asRoot('s3', 'PutObject', { Bucket: 'my-data-bucket', Key: 'data/stock.csv', Body: 'other' });
    const [key] = (await world.asRoot('iam', 'ListAccessKeys', { UserName: 'eve' })).AccessKeyMetadata;
    expect(leftOver(before, await takeInventory(world))).toBe(`Left:
  removed   1 profile: app
  made      1 policy: nothing
  made      2 users: eve, mallory
  made      1 access key: ${key.AccessKeyId} of eve
  made      1 bucket: made-here
  replaced  1 object: s3://my-data-bucket/data/stock.csv`);
  });

  test('what was changed, and how', async () => {
    const { world, clock } = await seeded(fileWith(CHANGEABLE));
    const before = await takeInventory(world);
    const PolicyDocument = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}';
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    const [app, jane] = [{ RoleName: 'app' }, { UserName: 'jane' }];
    const Trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const trust = JSON.stringify({ Version: '2012-10-17', Statement: [Trust] });
    await world.asRoot('iam', 'UpdateAssumeRolePolicy', { ...app, PolicyDocument: trust });
    await world.asRoot('iam', 'AttachRolePolicy', { ...app, PolicyArn });
    await world.asRoot('iam', 'PutRolePolicy', { ...app, PolicyName: 'read', PolicyDocument });
    await world.asRoot('iam', 'PutRolePermissionsBoundary', { ...app, PermissionsBoundary: PolicyArn });
    await world.asRoot('iam', 'TagRole', { ...app, Tags: [{ Key: 'team', Value: 'b' }] });
    await world.asRoot('iam', 'UpdateRole', { ...app, MaxSessionDuration: 7200, Description: 'other' });
    await world.asRoot('iam', 'PutUserPolicy', { ...jane, PolicyName: 'own', PolicyDocument });
    await world.asRoot('iam', 'AttachUserPolicy', { ...jane, PolicyArn });
    const AccessKeyId = 'AKIAIOSFODNN7EXAMPLE';
    await world.asRoot('iam', 'UpdateAccessKey', { ...jane, AccessKeyId, Status: 'Inactive' });
    const profile = { InstanceProfileName: 'app' };
    await world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { ...profile, ...app });
    await world.asRoot('iam', 'TagInstanceProfile', { ...profile, Tags: [{ Key: 'team', Value: 'b' }] });
    const id = 'i-0123456789abcdef0';
    await world.asRoot('ec2', 'CreateTags', { Resources: [id], Tags: [{ Key: 'stepup:grants', Value: 'x' }] });
    await world.asRoot('ec2', 'StopInstances', { InstanceIds: [id] });
    await clock.run(clock.sleep(world.delays.instanceTransition));
    await world.asRoot('s3', 'PutObject', { Bucket: 'one', Key: 'a', Body: 'text', ContentType: 'text/html' });
    await world.asRoot('s3', 'DeleteBucket', { Bucket: 'two' });
    await world.asRoot('s3', 'CreateBucket', { Bucket: 'two' });
    const SettingId = '/ssm/managed-instance/default-ec2-instance-management-role';
    await world.asRoot('ssm', 'UpdateServiceSetting', { SettingId, SettingValue: 'app' });
    await world.asRoot('logs', 'CreateLogGroup', { logGroupName: '/made' });
    expect(leftOver(before, await takeInventory(world))).toBe(`Left:
  changed   1 instance: i-0123456789abcdef0 (state running → stopped, tags)
  changed   1 role: app (trust, attached policies, inline policies, boundary none → ${PolicyArn}, tags, description, session duration 3600 → 7200)
  changed   1 profile: app (role app → none, tags)
  changed   1 user: jane (attached policies, inline policies)
  changed   1 access key: AKIAIOSFODNN7EXAMPLE of jane (status Active → Inactive)
  replaced  1 bucket: two
  changed   1 object: s3://one/a (metadata)
  made      1 log group: /made
  changed   1 setting: Default Host Management (role $None → app)`);
  });

  test('not what was changed and changed back', async () => {
    const { world } = await seeded(fileWith(CHANGEABLE));
    await world.asRoot('logs', 'CreateLogGroup', { logGroupName: '/jobs' });
    const before = await takeInventory(world);
    const [Resources, Tags] = [['i-0123456789abcdef0'], [{ Key: 'stepup:grants', Value: 'read' }]];
    await world.asRoot('ec2', 'DeleteTags', { Resources, Tags });
    await world.asRoot('ec2', 'CreateTags', { Resources, Tags });
    const managed = { RoleName: 'app', PolicyArn: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore' };
    await world.asRoot('iam', 'DetachRolePolicy', managed);
    await world.asRoot('iam', 'AttachRolePolicy', managed);
    await world.asRoot('iam', 'UntagRole', { RoleName: 'app', TagKeys: ['team'] });
    await world.asRoot('iam', 'TagRole', { RoleName: 'app', Tags: [{ Key: 'team', Value: 'a' }] });
    expect(leftOver(before, await takeInventory(world))).toMatch(/^Left: nothing/);
    const stream = { logGroupName: '/jobs', logStreamName: 'one' };
    await world.asRoot('logs', 'CreateLogStream', stream);
    expect(leftOver(before, await takeInventory(world))).toBe('Left:\n  changed  1 log group: /jobs (events)');
  });

  test('not every name of very many', async () => {
    const { world } = await seeded('assume-role');
    const before = await takeInventory(world);
    for (let i = 10; i < 40; i += 1) await world.asRoot('iam', 'CreateUser', { UserName: `user-${i}` });
    expect(leftOver(before, await takeInventory(world))).toMatch(
      /made {2}30 users: user-10, .*, user-29, and 10 more$/,
    );
  });

  test('instances that have another profile, and elevations that are open or drain', async () => {
    const { world, clock } = await seeded('ready-to-elevate');
    const before = await takeInventory(world);
    const Path = '/stepup/elevations/i-0123456789abcdef0/StepUp-us-east-1/';
    const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    const until = new Date(clock.now() + 2 * 3_600_000).toISOString();
    const Tags = [{ Key: 'stepup:delete-after', Value: until }];
    await world.asRoot('iam', 'CreateRole', { RoleName: 'stepup-drains', Path, AssumeRolePolicyDocument, Tags });
    expect(leftOver(before, await takeInventory(world))).toBe(
      `Left: nothing but what the account began with, and what goes by itself (not compared: executions and commands that have ended, unfinished uploads):
  draining  role stepup-drains of i-0123456789abcdef0, until ${until}, in 2.0 hours of the account`,
    );
    await world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: 'stepup-open', Path });
    await clock.run(clock.sleep(world.delays.iamPropagation));
    const { IamInstanceProfileAssociations } = await world.asRoot('ec2', 'DescribeIamInstanceProfileAssociations', {});
    await world.asRoot('ec2', 'ReplaceIamInstanceProfileAssociation', {
      AssociationId: IamInstanceProfileAssociations[0].AssociationId,
      IamInstanceProfile: { Name: 'stepup-open' },
    });
    expect(leftOver(before, await takeInventory(world))).toBe(`Left:
  other profile  i-0123456789abcdef0 has stepup-open; it began with app
  draining       role stepup-drains of i-0123456789abcdef0, until ${until}, in 2.0 hours of the account
  open           stepup-open of i-0123456789abcdef0: this elevation is not undone; its profile still marks the instance as busy`);
  });
});
