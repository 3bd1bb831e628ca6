import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildRelease } from '../../infra/catalogue';
import { settingsSchema } from '../../infra/config';
import { FUNCTION_NAMES } from '../../infra/permissions';
import { bind } from '../../state-machine/catalogue';
import { scratchFolder } from '../support/scratch';
import { list, ofType, plain, synth } from './synth';

const stack = synth();
const DEPLOYMENT = 'StepUp-<AWS::Region>';
const named = (type: string, property: string, name: string) => {
  const found = ofType(stack, type).filter(([, { Properties }]) => plain(Properties[property]) === name);
  expect(found).toHaveLength(1);
  const [id, { Properties }] = found[0]!;
  return { id, properties: plain(Properties) };
};
const functionNamed = (name: string) => named('AWS::Lambda::Function', 'FunctionName', `${DEPLOYMENT}-${name}`);
// biome-ignore lint/suspicious/noExplicitAny: statements, parsed
const statementsOf = (roleId: string): any[] =>
  stack.resources[roleId]!.Properties.Policies.flatMap((policy: object) => plain(policy).PolicyDocument.Statement);

/** In seconds, of those that are not given a minute: API Gateway waits for 29 seconds. */
const TIMEOUTS: Partial<Record<string, number>> = { guardRelease: 300, requestElevation: 28 };

describe('functions', () => {
  test.each(FUNCTION_NAMES)('%s', (name) => {
    const { properties } = functionNamed(name);
    expect(properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: TIMEOUTS[name] ?? 60,
      TracingConfig: { Mode: 'Active' },
    });
    const { STEPUP_CEILINGS, STEPUP_ELEVATION_MACHINE, STEPUP_RUNBOOK, ...common } = properties.Environment.Variables;
    // Who makes roles under a ceiling, and who deletes those that nobody wants.
    expect(STEPUP_CEILINGS !== undefined).toBe(['createTempRole', 'sweep'].includes(name));
    // Who starts elevations, and says to people where errors are explained.
    const machine = `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:${DEPLOYMENT}-elevation`;
    const ofApi = name === 'requestElevation' ? [machine, 'docs/runbook.md'] : [undefined, undefined];
    expect([STEPUP_ELEVATION_MACHINE, STEPUP_RUNBOOK]).toEqual(ofApi);
    expect(common).toEqual({
      STEPUP_DEPLOYMENT: DEPLOYMENT,
      STEPUP_DRAIN_MINUTES: '420',
      STEPUP_OUTPUT_LOCATIONS: '[]',
      STEPUP_DEFAULT_OUTPUT: 'null',
      STEPUP_RESTORABLE_ROLES: '["*"]',
      STEPUP_INHERITABLE_POLICIES: expect.stringContaining('"arn:*:iam::aws:policy/AmazonSSMManagedInstanceCore"'),
    });
  });

  test('there are no others', () => expect(ofType(stack, 'AWS::Lambda::Function')).toHaveLength(FUNCTION_NAMES.length));

  test('each has a role of its own, with a policy of its own and no managed one', () => {
    const roles = FUNCTION_NAMES.map((name) => functionNamed(name).properties.Role);
    expect(new Set(roles).size).toBe(FUNCTION_NAMES.length);
    for (const [, { Properties }] of ofType(stack, 'AWS::IAM::Role')) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(Properties.Policies).toHaveLength(1);
    }
    // CDK adds nothing to what infra/permissions says.
    expect(ofType(stack, 'AWS::IAM::Policy')).toEqual([]);
  });

  test('no role trusts anybody but the one service that works under it', () => {
    const trusted = ofType(stack, 'AWS::IAM::Role').map(([, { Properties }]) => [
      /([^->]+)$/.exec(plain(Properties.RoleName))![1],
      plain(Properties.AssumeRolePolicyDocument),
    ]);
    const by = (Service: string) => ({
      Version: '2012-10-17',
      Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service } }],
    });
    // Whoever else makes schedules in the account does not borrow the role.
    const group = 'arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule-group/StepUp-<AWS::Region>';
    const Condition = {
      StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' },
      ArnEquals: { 'aws:SourceArn': group },
    };
    const forOurSchedules = ({ Statement: [statement], ...policy }: ReturnType<typeof by>) => ({
      ...policy,
      Statement: [{ ...statement, Condition }],
    });
    const expected = [
      ...FUNCTION_NAMES.map((name) => [name, by('lambda.amazonaws.com')] as const),
      ...['elevation', 'recovery'].map((name) => [name, by('states.amazonaws.com')] as const),
      ['schedules', forOurSchedules(by('scheduler.amazonaws.com'))] as const,
    ];
    expect(Object.fromEntries(trusted)).toEqual(Object.fromEntries(expected));
  });

  test('published versions and ceilings stay when a release replaces them', () => {
    const kept = [...ofType(stack, 'AWS::Lambda::Version'), ...ofType(stack, 'AWS::IAM::ManagedPolicy')];
    // Seven functions are called by the state machines; two grants and `inherit`.
    expect(kept).toHaveLength(7 + 3);
    for (const [, { Type, ...resource }] of kept) {
      // A ceiling of a first deployment that is rolled back was never worn.
      const DeletionPolicy = Type === 'AWS::IAM::ManagedPolicy' ? 'RetainExceptOnCreate' : 'Retain';
      expect(resource).toMatchObject({ DeletionPolicy, UpdateReplacePolicy: 'Retain' });
    }
  });

  /** Of each function, of the machines, and the API's access log. */
  test('every log group has a retention, and is left behind by no first deployment that is rolled back', () => {
    expect(ofType(stack, 'AWS::Logs::LogGroup')).toHaveLength(FUNCTION_NAMES.length + 3);
    for (const [, { Properties, ...policies }] of ofType(stack, 'AWS::Logs::LogGroup')) {
      expect(Properties.RetentionInDays).toBe(90);
      expect(policies).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    }
  });
});

describe.each(['elevation', 'recovery'])('the %s machine', (kind) => {
  const { properties } = named('AWS::StepFunctions::StateMachine', 'StateMachineName', `${DEPLOYMENT}-${kind}`);
  const file = readFileSync(join(__dirname, '..', '..', 'state-machine', `${kind}.asl.json`), 'utf8');
  const roleId = /^<(.+)\.Arn>$/.exec(properties.RoleArn)![1]!;

  test('is its ASL file', () => expect(JSON.parse(properties.DefinitionString)).toEqual(JSON.parse(file)));

  test('calls published versions, one for each name in the file', () => {
    const names = new Set(Array.from(file.matchAll(/\$\{(\w+)\}/g), (match) => match[1]!));
    expect(new Set(Object.keys(properties.DefinitionSubstitutions))).toEqual(names);
    for (const [name, target] of Object.entries<string>(properties.DefinitionSubstitutions)) {
      if (name === 'partition') {
        expect(target).toBe('<AWS::Partition>');
        continue;
      }
      const version = stack.resources[target.slice(1, -1)]!;
      expect(version.Type).toBe('AWS::Lambda::Version');
      expect(plain(version.Properties.FunctionName)).toBe(`<${functionNamed(name).id}>`);
    }
  });

  test('may invoke every version of what it calls, and nothing else', () => {
    const invokes = statementsOf(roleId).filter(({ Action }) => Action === 'lambda:InvokeFunction');
    const called = Object.keys(properties.DefinitionSubstitutions).filter((name) => name !== 'partition');
    const expected = called.map((name) => `<${functionNamed(name).id}.Arn>:*`);
    expect(invokes.flatMap(({ Resource }) => Resource).sort()).toEqual(expected.sort());
  });

  test('logs without the data of executions, and is traced', () => {
    expect(properties.LoggingConfiguration).toMatchObject({ IncludeExecutionData: false, Level: 'ALL' });
    expect(properties.TracingConfiguration).toEqual({ Enabled: true });
  });
});

describe('rules', () => {
  test('a broken elevation calls recover', () => {
    named('AWS::StepFunctions::StateMachine', 'StateMachineName', `${DEPLOYMENT}-elevation`);
    // By name: when the stack is deleted the rule outlives the machine.
    const machine = `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:${DEPLOYMENT}-elevation`;
    const { properties } = named('AWS::Events::Rule', 'Name', `${DEPLOYMENT}-recover`);
    expect(properties.EventPattern).toEqual({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [machine] },
    });
    expect(properties.Targets.map(({ Arn }: { Arn: string }) => Arn)).toEqual([`<${functionNamed('recover').id}.Arn>`]);
  });

  test('the clock calls sweep', () => {
    const { properties } = named('AWS::Events::Rule', 'Name', `${DEPLOYMENT}-sweep`);
    expect(properties.ScheduleExpression).toBe('rate(15 minutes)');
    expect(properties.Targets.map(({ Arn }: { Arn: string }) => Arn)).toEqual([`<${functionNamed('sweep').id}.Arn>`]);
  });
});

describe('the grants can be read from outside', () => {
  const parameters = ofType(stack, 'AWS::SSM::Parameter')
    .map(([, { Properties }]) => plain(Properties))
    .filter(({ Name }) => Name !== `/stepup/${DEPLOYMENT}/api`);

  test('a parameter each, under the path of the deployment', () => {
    expect(parameters.map(({ Name }) => Name)).toEqual(
      ['read-bucket-prefix', 'run-remote-script'].map((name) => `/stepup/${DEPLOYMENT}/grants/${name}`),
    );
    for (const parameter of parameters)
      expect(parameter).toMatchObject({ Type: 'String', Tier: 'Intelligent-Tiering' });
  });

  test('as released, the partition bound', () => {
    const value = JSON.parse(parameters[0].Value);
    const { grants } = buildRelease(settingsSchema.parse({ restorableRoles: ['*'] })).catalogue;
    const released = grants['read-bucket-prefix']!;
    expect(value).toEqual({ ...released, policy: bind(released.policy, { partition: '<AWS::Partition>' }) });
  });

  test('what is too large for a parameter is refused at synth', () => {
    const documents = Array.from({ length: 400 }, (_, i) => `Company-Document-${i}`);
    const grantsFolder = scratchFolder('grants');
    const { grants } = buildRelease(settingsSchema.parse({ restorableRoles: ['*'] })).catalogue;
    const grant = grants['read-bucket-prefix']!;
    writeFileSync(join(grantsFolder, 'many.json'), JSON.stringify({ ...grant, documents }));
    expect(() => synth({ grantsFolder })).toThrow(/Grant 'many' would have up to \d{4,5} characters as a parameter/);
  });
});

describe('permissions', () => {
  test.each(ofType(stack, 'AWS::IAM::Role'))('%s: every statement has its reason in the template', (roleId) => {
    const reasons: Record<string, string> = stack.resources[roleId]!.Metadata.Permissions;
    const statements = statementsOf(roleId);
    expect(statements.map(({ Sid }) => Sid)).toEqual(Object.keys(reasons));
    for (const { Sid, Resource, Action } of statements) {
      expect(reasons[Sid]).toMatch(/\S+ \S+/);
      // And why AWS can do no better than any resource.
      if (list(Resource).includes('*')) expect(reasons[Sid]).toMatch(/On \*: .+\.$/);
      expect(list<string>(Action).filter((action) => action.includes('*'))).toEqual([]);
    }
  });

  test('IAM is written only under the path of the deployment, or by the bare name of what is gone', () => {
    const writes = FUNCTION_NAMES.flatMap((name) =>
      statementsOf(/^<(.+)\.Arn>$/.exec(functionNamed(name).properties.Role)![1]!),
    )
      .filter(({ Action }) => list<string>(Action).some((it) => /^iam:(?!Get|List|PassRole)/.test(it)))
      .flatMap(({ Resource }) => list<string>(Resource));
    expect(new Set(writes.map((arn) => arn.split('<AWS::AccountId>:')[1]))).toEqual(
      new Set([
        `role/stepup/elevations/*/${DEPLOYMENT}/*`,
        `instance-profile/stepup/elevations/*/${DEPLOYMENT}/*`,
        `instance-profile/stepup-${'?'.repeat(32)}`,
        `policy/stepup/ceilings/${DEPLOYMENT}/*`,
      ]),
    );
  });

  test('no ARN names a partition', () => {
    expect(JSON.stringify(ofType(stack, 'AWS::IAM::Role'))).not.toContain('arn:aws');
  });
});

test('an instance that gives its original back to any role is warned of', () => {
  expect(stack.warnings.join()).toContain("restorableRoles is '*'");
  expect(synth({ restorableRoles: ['arn:aws:iam::123456789012:role/app-*'] }).warnings).toEqual([]);
});

describe('a configuration', () => {
  const configured = synth({
    deployment: 'prod',
    restorableRoles: ['arn:aws:iam::123456789012:role/app-*'],
    outputLocations: [{ s3: 's3://results/stepup' }, { s3: 's3://results/other' }, { cloudWatchLogGroup: '/jobs' }],
    defaultOutput: { cloudWatchLogGroup: '/jobs' },
    inherit: false,
  });

  test('reaches environment and permissions', () => {
    const text = JSON.stringify(plain(configured.resources));
    expect(text).toContain('"FunctionName":"prod-restore"');
    expect(text).toContain('"Resource":"arn:aws:iam::123456789012:role/app-*"');
    expect(text).toContain('arn:<AWS::Partition>:s3:::results/stepup/*');
    expect(text).toContain('"STEPUP_DEFAULT_OUTPUT":"{\\"cloudWatchLogGroup\\":\\"/jobs\\"}"');
    expect(text).not.toContain('prod-inherit-');
  });

  test('has runScript send commands with output to its buckets, each once', () => {
    const sends = ofType(configured, 'AWS::IAM::Role')
      .flatMap(([, { Properties }]) => plain(Properties.Policies[0].PolicyDocument.Statement))
      .filter(({ Action, Resource }) => Action === 'ssm:SendCommand' && JSON.stringify(Resource).includes('s3'));
    expect(sends).toHaveLength(1);
    const buckets = list<string>(sends[0].Resource).filter((arn) => arn.includes(':s3:'));
    expect(buckets).toEqual(['arn:<AWS::Partition>:s3:::results']);
  });
});
