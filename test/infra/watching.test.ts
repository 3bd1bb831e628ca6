import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ALARMS } from '../../infra/watching/alarms';
import { METRICS, METRICS_NAMESPACE } from '../../state-machine/metrics';
import { list, ofType, plain, synth } from './synth';

const stack = synth();
const DEPLOYMENT = 'StepUp-<AWS::Region>';

// biome-ignore lint/suspicious/noExplicitAny: properties of a template
type Json = any;
const all = (type: string, of = stack): [string, Json][] =>
  ofType(of, type).map(([id, { Properties }]) => [id, plain(Properties)]);
const only = (type: string, of = stack): [string, Json] => {
  const found = all(type, of);
  expect(found).toHaveLength(1);
  return found[0]!;
};

const alarms = all('AWS::CloudWatch::Alarm').map(([, alarm]) => alarm);
const nameOf = ({ AlarmName }: Json): string => AlarmName.slice(`${DEPLOYMENT}-`.length);
const alarmNamed = (name: string): Json => alarms.find((alarm) => nameOf(alarm) === name);

/** What AWS's own services write, as far as we read it. */
const OF_AWS: Record<string, { names: string[]; dimension: string; of: RegExp }> = {
  'AWS/Lambda': {
    names: ['Errors', 'Throttles', 'Duration'],
    dimension: 'FunctionName',
    of: /^AWS::Lambda::Function$/,
  },
  'AWS/States': {
    names: ['Started', 'Succeeded', 'Failed', 'TimedOut', 'Aborted'].map((end) => `Executions${end}`),
    dimension: 'StateMachineArn',
    of: /^AWS::StepFunctions::StateMachine$/,
  },
  'AWS/SQS': { names: ['ApproximateNumberOfMessagesVisible'], dimension: 'QueueName', of: /^AWS::SQS::Queue$/ },
  'AWS/Events': {
    names: ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'],
    dimension: 'RuleName',
    of: /^AWS::Events::Rule$/,
  },
};

/** Two dimensions: the name of an API, and its stage. */
const OF_API = ['Count', '4XXError', '5XXError', 'Latency'];

interface Read {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}

/** Does somebody write it? A misspelt metric is silent for ever. */
function expectWritten({ namespace, name, dimensions }: Read): void {
  if (namespace === METRICS_NAMESPACE) {
    expect(Object.keys(METRICS)).toContain(name);
    expect(dimensions).toEqual({ Deployment: DEPLOYMENT });
    return;
  }
  if (namespace === 'AWS/ApiGateway') {
    expect(OF_API).toContain(name);
    const [, { Name }] = only('AWS::ApiGateway::RestApi');
    expect(dimensions).toEqual({ ApiName: Name, Stage: only('AWS::ApiGateway::Stage')[1].StageName });
    return;
  }
  const known = OF_AWS[namespace];
  expect(known?.names).toContain(name);
  expect(Object.keys(dimensions)).toEqual([known?.dimension]);
  const [value = ''] = Object.values(dimensions);
  // Machines by name: what watches outlives them.
  const [, machine] = /:stateMachine:(.+)$/.exec(value) ?? [];
  const machines = all('AWS::StepFunctions::StateMachine').map(([, { StateMachineName }]) => StateMachineName);
  if (machine) {
    expect(machines).toContain(machine);
    return;
  }
  // '<LogicalId>' or '<LogicalId.QueueName>'
  const [, id = ''] = /^<(\w+)(\.\w+)?>$/.exec(value) ?? [];
  expect(stack.resources[id]?.Type).toMatch(known?.of ?? /never/);
}

/** The metrics that an alarm compares: one, or those of its expression. */
const readBy = ({ Metrics, ...alone }: Json): Read[] =>
  metricsOf({ Metrics, ...alone }).map(({ Namespace, MetricName, Dimensions }) => ({
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }: Json) => [Name, Value])),
  }));

const metricsOf = ({ Metrics, ...alone }: Json): Json[] =>
  Metrics
    ? Metrics.flatMap(({ MetricStat }: Json) => (MetricStat ? [{ ...MetricStat, ...MetricStat.Metric }] : []))
    : [alone];
const expressionOf = ({ Metrics }: Json): string =>
  Metrics.find(({ Expression, ReturnData }: Json) => Expression && ReturnData !== false).Expression;

/** The dashboard's metrics, those of its searches too: [namespace, name, dimension, value, …, options], or [{expression}]. */
function onDashboard(): Read[] {
  const { widgets } = JSON.parse(only('AWS::CloudWatch::Dashboard')[1].DashboardBody);
  const lines: Json[][] = widgets.flatMap(({ properties }: Json) => properties.metrics ?? []);
  return lines.map(([namespace, name, ...rest]) => {
    if (typeof namespace === 'object') return searched(namespace.expression);
    const texts = rest.filter((it) => typeof it === 'string');
    const pairs = texts.flatMap((it, at) => (at % 2 === 0 ? [[it, texts[at + 1]]] : []));
    return { namespace, name, dimensions: Object.fromEntries(pairs) };
  });
}

function searched(expression: string): Read {
  const pattern = /^SEARCH\('\{(\w+),Deployment,ErrorName\} MetricName="(\w+)" Deployment="([^"]+)"', 'Sum', 300\)$/;
  const [, namespace = '', name = '', deployment = ''] = pattern.exec(expression) ?? [];
  return { namespace, name, dimensions: { Deployment: deployment } };
}

describe('what is watched is written', () => {
  test.each(alarms.map((alarm) => [nameOf(alarm), alarm]))('alarm %s', (_, alarm) => {
    const read = readBy(alarm);
    expect(read.length).toBeGreaterThan(0);
    for (const metric of read) expectWritten(metric);
  });

  test('the dashboard', () => {
    const read = onDashboard();
    expect(read.length).toBeGreaterThan(60);
    for (const metric of read) expectWritten(metric);
  });

  test('the dashboard begins with every alarm', () => {
    const { widgets } = JSON.parse(only('AWS::CloudWatch::Dashboard')[1].DashboardBody);
    const ids = all('AWS::CloudWatch::Alarm').map(([id]) => `<${id}.Arn>`);
    expect(widgets[0]).toMatchObject({ type: 'alarm', y: 0, properties: { alarms: ids } });
  });

  test('and what is written is watched', () => {
    const read = [...onDashboard(), ...alarms.flatMap(readBy)];
    const seen = read.filter(({ namespace }) => namespace === METRICS_NAMESPACE).map(({ name }) => name);
    expect(Object.keys(METRICS).filter((name) => !seen.includes(name))).toEqual([]);
  });
});

const RUNBOOK = readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
/** The entries of the runbook's section 'Alarms', by name. */
const entries = new Map(
  (RUNBOOK.split(/^## /m).find((section) => section.startsWith('Alarms\n')) ?? '')
    .split(/^### /m)
    .slice(1)
    .map((entry) => [entry.slice(0, entry.indexOf('\n')), entry]),
);

describe('alarms', () => {
  test.each(alarms.map((alarm) => [nameOf(alarm), alarm]))(
    '%s is told, and its mail leads to the runbook',
    (name, alarm) => {
      const [topic] = only('AWS::SNS::Topic');
      expect(alarm.AlarmActions).toEqual([`<${topic}>`]);
      expect(alarm.OKActions ?? alarm.AlarmActions).toEqual(alarm.AlarmActions);
      expect(alarm.AlarmDescription).toMatch(/^[A-Z].{20,}\. What to do: docs\/runbook\.md#\w+$/);
      // A heading's anchor is its text in small letters.
      expect(alarm.AlarmDescription.split('#')[1]).toBe(name.toLowerCase());
      expect(entries.get(name)).toMatch(/\*\*Means:\*\* .*\*\*Look:\*\* .*\*\*Do:\*\* /s);
    },
  );

  test('the runbook has no entry without an alarm, nor two headings of one name', () => {
    expect([...entries.keys()].sort()).toEqual(alarms.map(nameOf).sort());
    expect(alarms.map(nameOf).sort()).toEqual(Object.keys(ALARMS).sort());
    const headings = Array.from(RUNBOOK.matchAll(/^#+ (.+)$/gm), ([, text]) => text!.toLowerCase());
    expect(new Set(headings).size).toBe(headings.length);
  });

  test('the runbook says of the same alarms that their end is told', () => {
    const told = alarms.filter(({ OKActions }) => OKActions).map(nameOf);
    const said = [...entries].filter(([, text]) => /\*Until it is over[.,]\*/.test(text)).map(([name]) => name);
    expect(said.sort()).toEqual(told.sort());
  });

  test('a sweep that is silent breaches', () => {
    const alarm = alarmNamed('SweepSilent');
    expect(alarm).toMatchObject({ ComparisonOperator: 'LessThanThreshold', Threshold: 1, EvaluationPeriods: 1 });
    expect(alarm.TreatMissingData).toBe('breaching');
    // After one hour, not after the several for which CloudWatch looks back.
    expect(expressionOf(alarm)).toBe('FILL(all, 0)');
    expect(metricsOf(alarm)).toMatchObject([{ MetricName: 'SweepFinished', Period: 3600, Stat: 'Sum' }]);
  });

  test('silence never tells that something is over', () => {
    const told = alarms.filter(({ OKActions }) => OKActions);
    expect(told.filter(({ TreatMissingData }) => TreatMissingData === 'notBreaching').map(nameOf)).toEqual([]);
    expect(alarmNamed('DeadLetters').TreatMissingData).toBe('ignore');
  });

  test('refused rehearsals are no errors of Restore; what crashes writes no metric, and is not missed', () => {
    const { MetricName, Namespace, Threshold, Period } = alarmNamed('RestoreErrors');
    expect([Namespace, MetricName, Threshold, Period]).toEqual(['StepUp', 'RestoreErrors', 3, 900]);
    const crashes = alarmNamed('RestoreCrashes');
    expect(expressionOf(crashes)).toBe('all - FILL(less0, 0) - FILL(less1, 0)');
    expect(
      Object.fromEntries(crashes.Metrics.map(({ Id, MetricStat }: Json) => [Id, MetricStat?.Metric.MetricName])),
    ).toEqual({ expr_1: undefined, all: 'Errors', less0: 'RestoreErrors', less1: 'RehearsalErrors' });
    for (const metric of metricsOf(crashes)) expect(metric).toMatchObject({ Stat: 'Sum', Period: 900 });
  });

  test('the mail about the quota says what is compared', () => {
    const { AlarmDescription, Threshold } = alarmNamed('RolesNearQuota');
    expect(AlarmDescription).toMatch(`At least ${Threshold} % of`);
    expect(entries.get('RolesNearQuota')).toContain(`at least ${Threshold} % of`);
  });

  test('what sweep says every 15 minutes is asked for over a longer time, and silence changes nothing', () => {
    const fromSweep = ['RecordsPastExpiry', 'RolesUsedPercent', 'Unexplained', 'RestoringSeconds'];
    const these = alarms.filter(({ MetricName }) => fromSweep.includes(MetricName));
    expect(these).toHaveLength(fromSweep.length);
    for (const alarm of these) {
      expect(alarm).toMatchObject({ Period: 1800, Statistic: 'Maximum', TreatMissingData: 'ignore' });
    }
  });

  test.each([
    ['RestoreFailed', 'GreaterThanOrEqualToThreshold', 1],
    ['RestoringLong', 'GreaterThanThreshold', 600],
    ['RolesNearQuota', 'GreaterThanOrEqualToThreshold', 70],
    ['DeadLetters', 'GreaterThanOrEqualToThreshold', 1],
    ['RecordPastExpiry', 'GreaterThanOrEqualToThreshold', 1],
  ])('%s rings at %s %i', (name, ComparisonOperator, Threshold) => {
    expect(alarmNamed(name)).toMatchObject({ ComparisonOperator, Threshold });
  });

  test('the page of your runbook is what a mail names, if you say where it is', () => {
    const runbookUrl = 'https://git.example.com/ops/stepup/blob/main/docs/runbook.md';
    const [, first] = all('AWS::CloudWatch::Alarm', synth({ runbookUrl }))[0]!;
    expect(first.AlarmDescription).toContain(`What to do: ${runbookUrl}#`);
    expect(() => synth({ runbookUrl: 'runbook.md#alarms' })).toThrow('without #');
  });
});

describe('the topic', () => {
  const [id, topic] = only('AWS::SNS::Topic');
  const fromAlarms = {
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Condition: {
      StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' },
      ArnLike: {
        'aws:SourceArn': `arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:${DEPLOYMENT}-*`,
      },
    },
  };

  test('is encrypted by a key that CloudWatch may use', () => {
    const [key, { KeyPolicy, EnableKeyRotation }] = only('AWS::KMS::Key');
    expect(topic.KmsMasterKeyId).toBe(`<${key}.Arn>`);
    expect(EnableKeyRotation).toBe(true);
    // On no condition: that CloudWatch's calls of KMS carry its keys is not documented.
    const { Condition: _, ...fromCloudWatch } = fromAlarms;
    const Action = ['kms:Decrypt', 'kms:GenerateDataKey*'];
    expect(KeyPolicy.Statement).toContainEqual({ Sid: 'Alarms', ...fromCloudWatch, Action, Resource: '*' });
  });

  test('takes what our alarms tell, over TLS, and nothing else', () => {
    const [, { PolicyDocument, Topics }] = only('AWS::SNS::TopicPolicy');
    expect(Topics).toEqual([`<${id}>`]);
    expect(PolicyDocument.Statement).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      expect.objectContaining({ ...fromAlarms, Action: 'sns:Publish' }),
    ]);
  });

  test('is mailed to whom the configuration names', () => {
    expect(all('AWS::SNS::Subscription')).toEqual([]);
    const [, mail] = only('AWS::SNS::Subscription', synth({ alarmEmail: 'ops@example.com' }));
    expect(mail).toMatchObject({ Protocol: 'email', Endpoint: 'ops@example.com' });
    expect(() => synth({ alarmEmail: 'ops' })).toThrow('an e-mail address');
  });
});

describe('dead letters', () => {
  const [queueId, queue] = only('AWS::SQS::Queue');
  const functions = new Map(all('AWS::Lambda::Function'));
  const rules = all('AWS::Events::Rule');
  const targets: [string, Json][] = rules.flatMap(([id, { Targets }]) => Targets.map((target: Json) => [id, target]));
  /** By rules, and by schedules, of which the shipped folder has none. */
  const called = new Set([
    ...targets.map(([, { Arn }]) => Arn.slice(1, -'.Arn>'.length)),
    ...[...functions].flatMap(([id, { FunctionName }]) => (FunctionName === `${DEPLOYMENT}-runScheduled` ? [id] : [])),
  ]);

  test('are kept for two weeks, encrypted, and sent over TLS', () => {
    const kept = { MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true };
    expect(queue).toMatchObject({ QueueName: `${DEPLOYMENT}-dead-letters`, ...kept });
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    const [, { PolicyDocument }] = only('AWS::SQS::QueuePolicy');
    expect(PolicyDocument.Statement).toContainEqual(expect.objectContaining({ Effect: 'Deny', Condition }));
  });

  test('every target of a rule has them, and says how often it is tried', () => {
    expect(targets).toHaveLength(2);
    const retries = targets.map(([, { DeadLetterConfig, RetryPolicy }]) => {
      expect(DeadLetterConfig).toEqual({ Arn: `<${queueId}.Arn>` });
      return [RetryPolicy.MaximumEventAgeInSeconds, RetryPolicy.MaximumRetryAttempts];
    });
    expect(retries).toEqual([
      [86_400, 185],
      [900, 185],
    ]);
  });

  test('each rule may send there, and nobody else', () => {
    const [, { PolicyDocument }] = only('AWS::SQS::QueuePolicy');
    const allowed = PolicyDocument.Statement.filter(({ Effect }: Json) => Effect === 'Allow');
    expect(allowed.map(({ Principal, Action }: Json) => [Principal.Service, Action])).toEqual(
      rules.map(() => ['events.amazonaws.com', 'sqs:SendMessage']),
    );
    expect(allowed.map(({ Condition }: Json) => Condition)).toEqual(
      rules.map(([id]) => ({ ArnEquals: { 'aws:SourceArn': `<${id}.Arn>` } })),
    );
  });

  test('every function that a rule or a schedule calls has them, may send there, and no other has', () => {
    for (const [id, { DeadLetterConfig, Role }] of functions) {
      const role = stack.resources[Role.slice(1, -'.Arn>'.length)]!;
      const statements: Json[] = plain(role.Properties.Policies).flatMap(
        ({ PolicyDocument }: Json) => PolicyDocument.Statement,
      );
      const sends = statements.filter(({ Action }) => list(Action).includes('sqs:SendMessage'));
      expect(DeadLetterConfig).toEqual(called.has(id) ? { TargetArn: `<${queueId}.Arn>` } : undefined);
      expect(sends.map(({ Resource }) => Resource)).toEqual(
        called.has(id) ? [`arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:${queue.QueueName}`] : [],
      );
    }
  });

  /** What requestElevation fails at is a 5xx of the API. */
  const TOLD = [`${DEPLOYMENT}-requestElevation`];
  test('what no state machine calls, and what restores, has an alarm of its errors', () => {
    expect(alarms.flatMap(readBy).map(({ name }) => name)).toContain('5XXError');
    const watched = alarms.flatMap(readBy).filter(({ name }) => name === 'Errors');
    const byMachines = all('AWS::Lambda::Version').map(([, { FunctionName }]) => FunctionName);
    const owed = [...functions].filter(
      ([id, { FunctionName }]) =>
        !TOLD.includes(FunctionName) && (!byMachines.includes(`<${id}>`) || FunctionName === `${DEPLOYMENT}-restore`),
    );
    expect(owed.map(([id]) => id)).toEqual(expect.arrayContaining([...called]));
    expect(owed.length).toBe(called.size + 2);
    expect(watched.map(({ dimensions }) => dimensions.FunctionName).sort()).toEqual(
      owed.map(([id]) => `<${id}>`).sort(),
    );
  });
});

describe('reserved concurrency', () => {
  const reserved = (of = stack) =>
    Object.fromEntries(
      all('AWS::Lambda::Function', of).flatMap(([, { FunctionName, ReservedConcurrentExecutions: reserved }]) =>
        reserved === undefined ? [] : [[FunctionName.slice(`${DEPLOYMENT}-`.length), reserved]],
      ),
    );

  test('is for what restores, and for nothing that elevates', () =>
    expect(reserved()).toEqual({ restore: 20, recover: 5, sweep: 1 }));

  test('can be chosen, one by one, or switched off', () => {
    expect(reserved(synth({ reservedConcurrency: { restore: 50 } }))).toEqual({ restore: 50, recover: 5, sweep: 1 });
    expect(reserved(synth({ reservedConcurrency: false }))).toEqual({});
    expect(() => synth({ reservedConcurrency: { restore: 0 } })).toThrow('reservedConcurrency');
  });
});
