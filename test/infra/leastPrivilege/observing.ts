import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { api } from '../../support/api';
import { createStage, DEPLOYMENT, request, type Stage, type StageOptions } from '../../support/stage';
import { list } from '../synth';
import type { Scenario } from './scenario';
import { tell } from './scheduling';

// biome-ignore lint/suspicious/noExplicitAny: a template, parsed
type Resources = Record<string, { Type: string; Properties: any }>;

/** Resources of one type, each with the actions that its role may do. */
function withRole({ assembly = '' }: StageOptions, type: string, roleProperty: string) {
  const { Resources }: { Resources: Resources } = JSON.parse(
    readFileSync(join(assembly, 'StepUp.template.json'), 'utf8'),
  );
  const found = Object.values(Resources).filter(({ Type }) => Type === type);
  expect(found).not.toEqual([]);
  return found.map(({ Properties }) => {
    const [roleId] = Properties[roleProperty]['Fn::GetAtt'];
    const statements: { Action: string | string[] }[] =
      Resources[roleId]!.Properties.Policies[0].PolicyDocument.Statement;
    return { properties: Properties, actions: statements.flatMap(({ Action }) => list(Action)) };
  });
}

/** AWS's guide on X-Ray and Step Functions: what the role of a traced machine needs. A function sends only. */
const SENDS_TRACES = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
const SAMPLES = ['xray:GetSamplingRules', 'xray:GetSamplingTargets'];
/** AWS's guide on logging with CloudWatch Logs: what Step Functions asks of the role of a machine that logs. */
const DELIVERS_LOGS = [
  ...['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery'],
  ...['logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'],
];

/** What the embedded AWS has no room for is read in the template. */
const IN_THE_TEMPLATE: Scenario[] = [
  {
    name: 'what is traced may send its traces (in the template: the embedded AWS has no X-Ray)',
    reads: [...SENDS_TRACES, ...SAMPLES],
    play: async (options) => {
      for (const { properties, actions } of withRole(options, 'AWS::Lambda::Function', 'Role')) {
        expect(properties.TracingConfig.Mode).toBe('Active');
        expect(actions).toEqual(expect.arrayContaining(SENDS_TRACES));
      }
      for (const { properties, actions } of withRole(options, 'AWS::StepFunctions::StateMachine', 'RoleArn')) {
        expect(properties.TracingConfiguration.Enabled).toBe(true);
        expect(actions).toEqual(expect.arrayContaining([...SENDS_TRACES, ...SAMPLES]));
      }
    },
  },
  {
    name: 'a machine that logs may deliver its logs (in the template: the embedded AWS keeps histories only)',
    reads: DELIVERS_LOGS,
    play: async (options) => {
      for (const { properties, actions } of withRole(options, 'AWS::StepFunctions::StateMachine', 'RoleArn')) {
        expect(properties.LoggingConfiguration.Level).toBe('ALL');
        expect(actions).toEqual(expect.arrayContaining(DELIVERS_LOGS));
      }
    },
  },
];

/** Lets logs through to the groups, which the other scenarios do without. */
const LOGS: Scenario = {
  name: 'every function writes to its own log group, under its own role',
  play: async (options) => {
    const stage = await createStage(options);
    await api(stage).request('GET', '/grants');
    await tell(stage, {});
    const run = await stage.start(request({ hold: {} }));
    await stage.pass(120);
    await stage.aws.world.asRoot('states', 'StopExecution', { executionArn: run });
    await stage.pass(20 * 60);
    const { logGroups } = await stage.aws.world.asRoot('logs', 'DescribeLogGroups', {});
    const silent: string[] = [];
    for (const { logGroupName } of logGroups as { logGroupName: string }[]) {
      const { events } = await stage.aws.world.asRoot('logs', 'FilterLogEvents', { logGroupName });
      if (events.length === 0) silent.push(logGroupName);
    }
    // Those of the machines, and of what nobody called.
    expect(silent.filter((name) => !/elevationLogs|recoveryLogs/.test(name))).toEqual([]);
  },
};

const DEAD_LETTERS = `arn:aws:sqs:us-east-1:123456789012:${DEPLOYMENT}-dead-letters`;

/** A function that fails at every attempt; what it could not handle is kept. */
const keeps = (fn: string, cause: (stage: Stage) => Promise<unknown>): Scenario => ({
  name: `an event that ${fn} cannot handle is kept`,
  play: async ({ wrapLauncher, ...options }) => {
    const boom = { functionError: { errorType: 'Boom', errorMessage: 'broken' } };
    const broken = { invoke: async () => boom, close: () => undefined };
    const stage = await createStage({
      ...options,
      wrapLauncher: (launcher) => {
        const { launch } = wrapLauncher?.(launcher) ?? launcher;
        return { launch: (it, ...more) => (it.name.endsWith(`-${fn}`) ? broken : launch(it, ...more)) };
      },
    });
    await cause(stage);
    await stage.pass(30 * 60);
    expect(stage.aws.world.sqs.messages(DEAD_LETTERS)).not.toEqual([]);
  },
});

const stopARun = async (stage: Stage) => {
  const executionArn = await stage.start(request({ shell: ['sleep 3000'] }));
  await stage.pass(120);
  await stage.aws.world.asRoot('states', 'StopExecution', { executionArn });
};

/** Of its metrics, what sweep asks IAM for. */
const QUOTA: Scenario = {
  name: 'sweep tells how much of the quota of roles is used',
  play: async (options) => {
    const lines: string[] = [];
    const stage = await createStage({ ...options, log: (line) => lines.push(line) });
    await stage.pass(20 * 60);
    expect(lines.filter((line) => line.includes('"RolesUsedPercent":'))).not.toEqual([]);
  },
};

/** What makes failures visible: logs, traces, dead letters. */
export const OBSERVING: Scenario[] = [
  ...IN_THE_TEMPLATE,
  LOGS,
  QUOTA,
  keeps('recover', stopARun),
  keeps('runScheduled', (stage) => tell(stage, {})),
  // The clock calls it.
  keeps('sweep', async () => undefined),
];
