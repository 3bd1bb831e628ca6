import { describe, expect, test } from '@jest/globals';
import validate from 'asl-validator';
import { configurationSchema } from '../../../infra/config';
import { list, ofType, plain, synth } from '../synth';
import { EVERYTHING, type Judged, judged } from './configurations';

// biome-ignore lint/suspicious/noExplicitAny: parts of a template, parsed
type Json = any;

/** Every object and text in a value, with the path to it. */
function* within(value: Json, path: string[] = []): Generator<{ path: string[]; value: Json }> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* within(item, [...path, key]);
}

const texts = (value: Json) => [...within(value)].filter((it) => typeof it.value === 'string');
const at = (path: string[]) => path.join('/');

/** What CDK writes by itself, without a Sid: a role's trust, that nobody comes without TLS, and a key's administrators. */
const isByCdk = (path: string[], { Sid, Condition, Action }: Json) =>
  path.includes('AssumeRolePolicyDocument') ||
  (Sid === undefined && (Condition?.Bool?.['aws:SecureTransport'] === 'false' || Action === 'kms:*'));

/** Every statement of every policy document, with the place where it stands. */
const statements = ({ resources }: Judged) =>
  [...within(resources)]
    .filter(({ value }) => typeof value === 'object' && value !== null && /^(Allow|Deny)$/.test(value.Effect))
    .map(({ path, value }) => ({ path, statement: plain(value) }));

/** GenerateDataKey and what is the same without the plain text: as CloudWatch's guide has it for encrypted topics. */
const NAMED = ['kms:GenerateDataKey*'];

const templates = judged();

test('what is judged has every setting that there is', () => {
  const { grantsFolder, ...settings } = configurationSchema.parse(EVERYTHING);
  expect(Object.keys(EVERYTHING).sort()).toEqual(Object.keys(settings).sort());
});

describe.each(templates)('the template of %s', (_, template) => {
  const { resources, region } = template;
  const configured = [...EVERYTHING.restorableRoles, ...EVERYTHING.inheritablePolicies];

  test('names no partition, region or account that its deployer has not named', () => {
    const own = (text: string) => configured.reduce((rest, arn) => rest.replaceAll(arn, ''), text);
    const naming = (pattern: RegExp) =>
      texts(resources)
        .filter(({ value }) => pattern.test(own(value)))
        .map(({ path }) => at(path));
    expect(naming(/arn:aws/)).toEqual([]);
    // CDK puts the environment of a stack that has one into the names of its assets' buckets.
    if (region) return;
    expect(naming(/\b\d{12}\b/)).toEqual([]);
    // The AWS-managed buckets of a configured region carry it in their names.
    expect(naming(/\b(?!us-east-1)(us|cn|eu|ap|sa|ca|me|af)-(gov-)?(north|south|east|west|central)+-\d/)).toEqual([]);
  });

  test('has service principals that every partition knows, and no other host of AWS', () => {
    const hosts = texts(resources).filter(({ value }) => /amazonaws\./.test(value));
    // Service principals are SERVICE.amazonaws.com everywhere (CDK's ServicePrincipal says so since 2.x); a host is not.
    for (const { path, value } of hosts) {
      expect(value).toMatch(/^(apigateway|lambda|states|events|ec2|scheduler|cloudwatch|sns|sqs)\.amazonaws\.com$/);
      expect(at(path)).toMatch(/\/(Principal(\/Service(\/\d+)?)?|iam:PassedToService(\/\d+)?)$/);
    }
  });

  test('lets nobody in from outside', () => {
    for (const { path, statement } of statements(template)) {
      if (statement.Effect === 'Deny') continue;
      const principals = [...within(statement.Principal ?? {})].map(({ value }) => value);
      expect([at(path), principals]).toEqual([at(path), expect.not.arrayContaining(['*'])]);
      expect(statement).not.toHaveProperty('NotPrincipal');
    }
    for (const [, { Properties }] of ofType(template, 'AWS::Lambda::Permission')) {
      const { Principal, SourceArn } = plain(Properties);
      expect(Principal).toMatch(/\.amazonaws\.com$/);
      expect(SourceArn).toBeDefined();
    }
    expect(ofType(template, 'AWS::Lambda::Url')).toEqual([]);
  });

  test('allows no action by a pattern, nor everything but something', () => {
    for (const { path, statement } of statements(template)) {
      // The ceiling of `inherit` allows nothing by itself: what a temp role may do is what its original's policies allow.
      const isCeiling = statement.Sid === 'AsTheOriginalRole';
      if (statement.Effect === 'Deny' || isCeiling || isByCdk(path, statement)) continue;
      const patterns = list<string>(statement.Action).filter(
        (action) => action.includes('*') && !NAMED.includes(action),
      );
      expect([at(path), patterns]).toEqual([at(path), []]);
      expect(statement).not.toHaveProperty('NotAction');
      expect(statement).not.toHaveProperty('NotResource');
    }
  });

  test('says of every statement what it is for, each by a name of its own', () => {
    const documents = new Map<string, unknown[]>();
    for (const { path, statement } of statements(template)) {
      const document = at(path.slice(0, path.lastIndexOf('Statement')));
      if (!isByCdk(path, statement)) documents.set(document, [...(documents.get(document) ?? []), statement.Sid]);
    }
    expect(documents.size).toBeGreaterThan(10);
    for (const [document, sids] of documents) {
      expect([document, sids]).toEqual([document, sids.map(() => expect.stringMatching(/^[A-Za-z0-9]+$/))]);
      expect([document, new Set(sids).size]).toEqual([document, sids.length]);
    }
  });

  test('holds nothing secret', () => {
    const SECRET = /secret|password|passwd|credential|api_?key|private_?key/i;
    for (const { path, value } of within(resources)) {
      const key = path.at(-1) ?? '';
      // SSM's and IAM's own words, in lists of actions, are values and not keys.
      if (typeof value === 'string') expect([at(path), SECRET.test(key)]).toEqual([at(path), false]);
      if (typeof value === 'string') expect(value).not.toMatch(/AKIA[0-9A-Z]{16}|-----BEGIN|\{\{resolve:/);
    }
  });

  test.each(ofType(template, 'AWS::StepFunctions::StateMachine'))('has valid ASL as deployed: %s', (_id, machine) => {
    const partition = region?.startsWith('cn-') ? 'aws-cn' : region?.startsWith('us-gov') ? 'aws-us-gov' : 'aws';
    const { DefinitionString, DefinitionSubstitutions } = plain(machine.Properties);
    const deployed = DefinitionString.replaceAll(
      '${partition}',
      'partition' in DefinitionSubstitutions ? partition : '',
    );
    const definition = deployed.replace(/\$\{(\w+)\}/g, (whole: string, name: string) =>
      name in DefinitionSubstitutions
        ? `arn:${partition}:lambda:${region ?? 'us-east-1'}:123456789012:function:${name}:1`
        : whole,
    );
    expect(definition).not.toContain('${');
    const tasks = [...within(JSON.parse(definition))].filter(({ path, value }) => path.at(-1) === 'Resource' && value);
    expect(tasks.length).toBeGreaterThan(0);
    // It changes what it is given: this was parsed for it alone.
    const { isValid, errorsText } = validate(JSON.parse(definition));
    expect([isValid, errorsText('\n')]).toEqual([true, '']);
  });
});

/**
 * How what a resource keeps is encrypted at rest: by AWS without being asked, or by a property; undefined where it keeps
 * nothing that anybody wrote.
 */
const AT_REST: Record<string, ((properties: Json) => boolean) | 'by AWS' | undefined> = {
  'AWS::ApiGateway::Deployment': undefined,
  'AWS::ApiGateway::GatewayResponse': undefined,
  'AWS::ApiGateway::Method': undefined,
  'AWS::ApiGateway::Resource': undefined,
  'AWS::ApiGateway::RestApi': undefined,
  // Without a cache.
  'AWS::ApiGateway::Stage': ({ CacheClusterEnabled }) => CacheClusterEnabled !== true,
  'AWS::CDK::Metadata': undefined,
  'Custom::StepUpReleaseGuard': undefined,
  'AWS::CloudWatch::Alarm': undefined,
  'AWS::CloudWatch::CompositeAlarm': undefined,
  'AWS::CloudWatch::Dashboard': undefined,
  'AWS::Events::Rule': undefined,
  'AWS::IAM::ManagedPolicy': undefined,
  'AWS::IAM::Policy': undefined,
  'AWS::IAM::Role': undefined,
  'AWS::KMS::Key': undefined,
  'AWS::Lambda::EventInvokeConfig': undefined,
  // Code and environment: by a key of Lambda's own.
  'AWS::Lambda::Function': 'by AWS',
  'AWS::Lambda::Permission': undefined,
  'AWS::Lambda::Version': 'by AWS',
  'AWS::Logs::LogGroup': 'by AWS',
  'AWS::Logs::MetricFilter': undefined,
  'AWS::Scheduler::Schedule': 'by AWS',
  'AWS::Scheduler::ScheduleGroup': undefined,
  'AWS::SNS::Topic': ({ KmsMasterKeyId }) => KmsMasterKeyId !== undefined,
  'AWS::SNS::TopicPolicy': undefined,
  'AWS::SNS::Subscription': undefined,
  'AWS::SQS::Queue': ({ SqsManagedSseEnabled, KmsMasterKeyId }) =>
    SqsManagedSseEnabled === true || KmsMasterKeyId !== undefined,
  'AWS::SQS::QueuePolicy': undefined,
  'AWS::SSM::Document': 'by AWS',
  // Grants are no secrets: the command line shows them to whoever may read them.
  'AWS::SSM::Parameter': 'by AWS',
  'AWS::StepFunctions::StateMachine': 'by AWS',
};

describe('every resource', () => {
  const all = templates.flatMap(([, { resources }]) => Object.entries(resources));

  test.each([...new Set(all.map(([, { Type }]) => Type))])('%s is encrypted at rest, if it keeps anything', (type) => {
    expect(Object.keys(AT_REST)).toContain(type);
    const encrypted = AT_REST[type];
    if (typeof encrypted !== 'function') return;
    for (const [id, { Type, Properties }] of all) {
      if (Type === type) expect([id, encrypted(Properties)]).toEqual([id, true]);
    }
  });

  test('that writes logs writes them into a group of the stack, kept for as long as configured', () => {
    for (const [, template] of templates) {
      const groups = ofType(template, 'AWS::Logs::LogGroup');
      for (const [, { Properties }] of groups) expect(Properties.RetentionInDays).toBe(90);
      const ids = groups.map(([id]) => id);
      for (const [, { Properties }] of ofType(template, 'AWS::Lambda::Function')) {
        expect(ids).toContain(Properties.LoggingConfig?.LogGroup?.Ref);
      }
      for (const [, { Properties }] of ofType(template, 'AWS::StepFunctions::StateMachine')) {
        const [{ CloudWatchLogsLogGroup }] = Properties.LoggingConfiguration.Destinations;
        expect(ids).toContain(CloudWatchLogsLogGroup.LogGroupArn['Fn::GetAtt'][0]);
      }
    }
  });

  /** CloudFormation has no tags for these. */
  const WITHOUT_TAGS = [
    ...['Deployment', 'GatewayResponse', 'Method', 'Resource'].map((kind) => `AWS::ApiGateway::${kind}`),
    ...['Custom::StepUpReleaseGuard', 'AWS::CloudWatch::Dashboard', 'AWS::IAM::ManagedPolicy'],
    ...['AWS::IAM::Policy', 'AWS::Lambda::EventInvokeConfig', 'AWS::Lambda::Permission', 'AWS::Lambda::Version'],
    ...['AWS::Logs::MetricFilter', 'AWS::SNS::Subscription', 'AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy'],
    'AWS::Scheduler::Schedule',
  ];

  test('carries the configured tags, if it can', () => {
    const tagged = synth(EVERYTHING);
    const without = Object.values(tagged.resources).filter(({ Properties }) => {
      const tags = Properties?.Tags ?? {};
      const value = Array.isArray(tags) ? tags.find(({ Key }) => Key === 'cost-center')?.Value : tags['cost-center'];
      return value !== '4711';
    });
    expect([...new Set(without.map(({ Type }) => Type))].filter((type) => !WITHOUT_TAGS.includes(type))).toEqual([]);
  });
});
