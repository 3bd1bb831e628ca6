import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSchedule, readSchedules } from '../../infra/scheduleFiles';
import { startToTell } from '../../infra/scheduleLint';
import type { Catalogue } from '../../state-machine/catalogue';
import { scheduleFileSchema } from '../../state-machine/schedule';
import { scheduleFile, scheduleFolder } from '../support/scheduleFolder';
import { scratchFolder } from '../support/scratch';
import { ofType, plain, synth } from './synth';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const grant = { description: 'A grant', maxMinutes: 60, policy: { Version: '2012-10-17' as const, Statement: [] } };
const catalogue: Catalogue = {
  grants: {
    'run-remote-script': { ...grant, documents: ['AWS-RunShellScript'] },
    'nobody-holds': { ...grant, documents: ['AWS-RunShellScript'], hold: false },
    'for-others': {
      ...grant,
      documents: ['AWS-RunShellScript'],
      requesters: ['arn:*:sts::*:assumed-role/Operators/*'],
    },
    'for-nightly': { ...grant, documents: ['AWS-RunShellScript'], requesters: ['arn:*:schedule/*/nightly*'] },
  },
  core: grant.policy,
  inherit: null,
};
const circumstances = {
  catalogue,
  arnPrefix: 'arn:aws:scheduler:*:123456789012:schedule/acme/',
  outputLocations: [{ s3: 's3://results/stepup' }],
  now: NOW,
};
const core = { baseline: 'core' };

/** As read, from a folder with this file alone. */
const read = (more: object = {}, request: object = {}, name = 'nightly') =>
  readSchedule(
    join(scheduleFolder({ [name]: scheduleFile(more, { ...core, ...request }) }), `${name}.json`),
    circumstances,
  );

test('a schedule has these defaults', () => {
  expect(read()).toEqual({
    ...scheduleFile({}, core),
    name: 'nightly',
    enabled: true,
    retry: { maximumAgeMinutes: 60, attempts: 185 },
    request: { ...scheduleFile({}, core).request, waitForInstanceMinutes: 0 },
    warnings: [],
  });
});

describe('a schedule is refused, with its file and field,', () => {
  test.each<[string, string, object, object?]>([
    ['whose expression is wrong', "schedule: 'cron(0 25 * * ? *)' hours '25'", { schedule: 'cron(0 25 * * ? *)' }],
    ['whose expression is missing', 'at schedule', { schedule: undefined }],
    ['that is never due', "schedule: 'cron(0 0 30 2 ? *)' is never due", { schedule: 'cron(0 0 30 2 ? *)' }],
    [
      'that is never due between its start and end',
      'is never due between its start and its end',
      { start: '2027-01-01T03:00:00Z', end: '2027-01-01T22:00:00Z' },
    ],
    [
      'with an unknown zone',
      "timeZone: 'Europe/Berlim' is no time zone of the IANA database; did you mean 'Europe/Berlin'?",
      { timeZone: 'Europe/Berlim' },
    ],
    ['with an offset for a zone', "timeZone: '+01:00' is no time zone", { timeZone: '+01:00' }],
    [
      'that ends before it starts',
      'end: 2027-01-01T00:00:00Z is not after the start',
      { start: '2027-02-01T00:00:00Z', end: '2027-01-01T00:00:00Z' },
    ],
    ['whose start is no time', 'there is no such time', { start: '2027-02-30T00:00:00Z' }],
    ['whose start has no zone', 'a time in UTC', { start: '2027-02-01T00:00:00' }],
    ['of one time that the clocks skip', 'the clocks are set forward over it', { schedule: 'at(2027-03-28T02:30:00)' }],
    ['of one time that comes twice', 'comes twice in Europe/Berlin', { schedule: 'at(2027-10-31T02:30:00)' }],
    [
      'of one time, with an end',
      'end: EventBridge Scheduler ignores it for at(…)',
      { schedule: 'at(2027-05-01T02:30:00)', end: '2028-01-01T00:00:00Z' },
    ],
    ['with a field that there is not', "There is no 'timezone' here; did you mean 'timeZone'?", { timezone: 'UTC' }],
    ['with a window that is too long', 'at flexibleWindowMinutes', { flexibleWindowMinutes: 1441 }],
    [
      'with an unknown grant',
      "request.grant: there is no grant 'run-remote-scrpt'; did you mean 'run-remote-script'?",
      {},
      { grant: 'run-remote-scrpt' },
    ],
    [
      'that takes longer than its grant',
      "request.durationMinutes: grant 'run-remote-script' allows 60 minutes, not 61",
      {},
      { durationMinutes: 61 },
    ],
    [
      'with a document that its grant does not allow',
      "request.work: grant 'run-remote-script' allows AWS-RunShellScript, not AWS-RunPowerShellScript",
      {},
      { work: { powershell: ['x'] } },
    ],
    [
      'that holds what may not be held',
      `request.work: grant 'nobody-holds' says "hold": false`,
      {},
      { grant: 'nobody-holds', work: { hold: {} } },
    ],
    [
      'that its grant does not admit',
      "request.grant: 'for-others' is for arn:*:sts::*:assumed-role/Operators/*; add arn:aws:scheduler:*:123456789012:schedule/acme/nightly",
      {},
      { grant: 'for-others' },
    ],
    ['with baseline inherit, which is off', 'request.baseline: inherit is switched off', {}, { baseline: 'inherit' }],
    [
      'whose output goes elsewhere',
      'request.output: s3://elsewhere is not within',
      {},
      { output: { s3: 's3://elsewhere' } },
    ],
    [
      'with words of Scheduler',
      "request: has '<aws.scheduler.'",
      {},
      { work: { shell: ['echo <aws.scheduler.execution-id>'] } },
    ],
    [
      'that says who asks',
      "There is no 'requester' here",
      {},
      { requester: { schedule: 'arn:x', scheduledTime: '2027-01-01T00:00:00Z' } },
    ],
    ['for no instance', 'an EC2 instance id looks like', {}, { instanceId: 'mi-0123456789abcdef0' }],
  ])('%s', (_, why, more, request = {}) => {
    expect(() => read(more, request)).toThrow(why);
    expect(() => read(more, request)).toThrow(/^\S+\/nightly\.json is (not a schedule|not valid)\./);
  });

  test('all of it at once', () => {
    expect(() =>
      read({ schedule: 'rate(0 days)', timeZone: 'Nowhere' }, { grant: 'none', baseline: 'inherit' }),
    ).toThrow(/✖ schedule: .*\n✖ timeZone: .*\n✖ request\.grant: .*\n✖ request\.baseline: /);
  });

  test('whose name is none', () => {
    expect(() => read({}, {}, 'Nightly_Job')).toThrow(/Nightly_Job\.json: a schedule is named like its file/);
    expect(() => read({}, {}, 'x'.repeat(41))).toThrow('a schedule is named like its file');
  });

  test('that is not JSON', () => {
    expect(() => readSchedules(scheduleFolder({ nightly: '{' }), circumstances)).toThrow(/nightly\.json is not JSON/);
  });
});

test('a grant admits schedules by pattern', () => expect(read({}, { grant: 'for-nightly' }).warnings).toEqual([]));

describe('a warning is for', () => {
  test.each<[string, string, object]>([
    ['one time that has passed', 'that has passed', { schedule: 'at(2026-11-01T02:30:00)' }],
    ['years that are over', 'is not due any more', { schedule: 'cron(0 0 1 * ? 2025)' }],
    ['an end that has passed', 'is not due any more', { end: '2026-11-01T00:00:00Z' }],
    [
      'a rate whose start has passed',
      'AWS takes none that is older than five minutes',
      { schedule: 'rate(1 day)', start: '2026-11-01T00:00:00Z' },
    ],
  ])('%s', (_, why, more) =>
    expect(read(more).warnings).toEqual([expect.stringMatching(`^Schedule 'nightly' .*${why}`)]),
  );

  test.each<[string, object]>([
    ['one time to come', { schedule: 'at(2026-11-23T02:30:00)' }],
    ['a daily schedule that has begun', { start: '2026-11-01T00:00:00Z' }],
    ['a rate that begins now', { schedule: 'rate(1 day)', start: '2026-11-22T11:58:00Z' }],
  ])('not for %s', (_, more) => expect(read(more).warnings).toEqual([]));
});

test('AWS is told no start that has passed, but of a rate', () => {
  const told = (more: object) => startToTell(scheduleFileSchema.parse(scheduleFile(more)), NOW);
  expect(told({ start: '2026-11-01T00:00:00Z' })).toBeUndefined();
  expect(told({ start: '2026-12-01T00:00:00Z' })).toBe('2026-12-01T00:00:00Z');
  expect(told({ start: '2026-11-01T00:00:00Z', schedule: 'rate(1 day)' })).toBe('2026-11-01T00:00:00Z');
});

test('the folder is there, and may be empty; what is no NAME.json is not read', () => {
  const folder = scratchFolder('schedules');
  mkdirSync(join(folder, 'inner.json'));
  writeFileSync(join(folder, 'notes.md'), 'none');
  expect(readSchedules(folder, circumstances)).toEqual([]);
  expect(() => readSchedules(join(folder, 'none'), circumstances)).toThrow(/^schedulesFolder: .* does not exist/);
  expect(() => readSchedules(join(folder, 'notes.md'), circumstances)).toThrow(/^schedulesFolder: .* is no folder/);
});

describe('in the template', () => {
  const schedulesFolder = scheduleFolder({
    nightly: scheduleFile({ start: '2199-01-01T00:00:00Z', end: '2199-02-01T00:00:00Z', flexibleWindowMinutes: 15 }),
    off: scheduleFile({ enabled: false, retry: { maximumAgeMinutes: 5, attempts: 2 } }),
    past: scheduleFile({ schedule: 'at(2020-01-01T00:00:00)' }),
  });
  const synthesised = synth({ schedulesFolder, deployment: 'acme' });
  const { resources } = synthesised;
  const schedules = Object.fromEntries(
    ofType(synthesised, 'AWS::Scheduler::Schedule').map(([, { Properties }]) => [Properties.Name, plain(Properties)]),
  );
  const one = (type: string) => ofType(synthesised, type).at(0)!;

  test('there is a schedule for each file, in a group of the deployment', () => {
    const [group, { Properties }] = one('AWS::Scheduler::ScheduleGroup');
    expect(Properties).toEqual({ Name: 'acme' });
    expect(Object.keys(schedules)).toEqual(['nightly', 'off', 'past']);
    const { Target, ...nightly } = schedules.nightly;
    expect(nightly).toEqual({
      Name: 'nightly',
      GroupName: `<${group}>`,
      Description: 'A nightly job',
      ScheduleExpression: 'cron(30 2 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      StartDate: '2199-01-01T00:00:00Z',
      EndDate: '2199-02-01T00:00:00Z',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      State: 'ENABLED',
    });
    expect(JSON.parse(Target.Input)).toEqual({
      schedule: '<aws.scheduler.schedule-arn>',
      scheduledTime: '<aws.scheduler.scheduled-time>',
      request: { ...scheduleFile().request, baseline: 'inherit', waitForInstanceMinutes: 0 },
    });
  });

  test('what is switched off, and tried less often', () => {
    expect(schedules.off).toMatchObject({
      State: 'DISABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 2 } },
    });
  });

  test('they call runScheduled, under a role that may do that only, on behalf of the group only', () => {
    const { Arn, RoleArn, DeadLetterConfig } = schedules.nightly.Target;
    expect(resources[Arn.slice(1, -5)]).toMatchObject({ Properties: { FunctionName: 'acme-runScheduled' } });
    const role = plain(resources[RoleArn.slice(1, -5)]?.Properties);
    const here = '<AWS::Region>:<AWS::AccountId>';
    expect(role.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' },
          ArnEquals: { 'aws:SourceArn': `arn:<AWS::Partition>:scheduler:${here}:schedule-group/acme` },
        },
      },
    ]);
    const statements = role.Policies[0].PolicyDocument.Statement;
    expect(statements.map(({ Action, Resource }: { Action: string; Resource: string }) => [Action, Resource])).toEqual([
      ['lambda:InvokeFunction', Arn],
      ['sqs:SendMessage', `arn:<AWS::Partition>:sqs:${here}:acme-dead-letters`],
    ]);
    expect(resources[DeadLetterConfig.Arn.slice(1, -5)]?.Type).toBe('AWS::SQS::Queue');
  });

  test('they go before the machine that they start', () => {
    const dependencies = ofType(synthesised, 'AWS::Scheduler::Schedule').map(
      ([id]) => (resources[id] as unknown as { DependsOn: string[] }).DependsOn,
    );
    const [machine] = ofType(synthesised, 'AWS::StepFunctions::StateMachine').find(
      ([, { Properties }]) => Properties.StateMachineName === 'acme-elevation',
    )!;
    for (const ids of dependencies) expect(ids).toContain(machine);
  });

  test('a time that has passed warns', () => {
    expect(synthesised.warnings.filter((text) => text.includes('Schedule'))).toEqual([
      expect.stringContaining("Schedule 'past' is due at a time that has passed"),
    ]);
  });
});
