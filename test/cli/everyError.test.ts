import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import { ec2Trust } from '../../functions/common/policies';
import { AwsError, ConnectionLost, type Intercept } from '../../local';
import { ERROR_NAMES, type ErrorName } from '../../state-machine/errors';
import { answering, FIRST, rightBefore, watch } from '../functions/midRun';
import {
  attachedNow,
  SETTLED,
  somebodyDeletes,
  somebodyMakes,
  somebodyMakesBounded,
  somebodyReplaces,
} from '../functions/worlds';
import { withGrants } from '../support/catalogue';
import { stepup } from '../support/command';
import { environment } from '../support/environment';
import { around } from '../support/faulty';
import { scratchFolder } from '../support/scratch';
import { createStage, INSTANCE, type Stage, type StageOptions } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';

const EC2_TRUST = ec2Trust({ partition: 'aws' });

/** What a person does, in which world, to meet an error. */
interface Mishap {
  options?: StageOptions;
  /** Before the command is run. */
  arrange?: (stage: Stage) => Promise<unknown> | unknown;
  /** Right before the function of this state is called. */
  before?: [state: string, act: (stage: Stage) => Promise<unknown>];
  /** Options of `stepup run` other than the usual. */
  asks?: Record<string, string>;
  /** Another command than that, with all its options. */
  types?: string[];
  script?: string;
  code: number;
  /** A part of what the command says. */
  says: string | RegExp;
  /** What is attached to the instance afterwards. Default: its own profile. */
  leaves?: string;
}

const failing =
  (operation: string, code: string, status = 400): Intercept =>
  async (call, proceed) => {
    const ours = call.principal.name?.startsWith('StepUp-');
    if (ours && call.operation === operation) throw new AwsError(code, 'said by the test', status);
    return proceed();
  };

const tagged = (Key: string, Value: string) => (stage: Stage) =>
  stage.aws.world.asRoot('iam', 'TagRole', { RoleName: tempName(FIRST), Tags: [{ Key, Value }] });

const AGENT_OFF = async ({ aws }: Stage) => {
  aws.world.ec2.instance(INSTANCE)!.agent.running = false;
};

/** Refused: nothing may have changed. */
const REFUSED: Partial<Record<ErrorName, Mishap>> = {
  RequestInvalid: { asks: { instance: 'i-123' }, code: 2, says: 'an EC2 instance id looks like' },
  InputTooLarge: { script: `# ${'x'.repeat(40_000)}`, code: 2, says: '--s3-script' },
  GrantNotFound: { asks: { grant: 'run-remote-scrip' }, code: 2, says: "did you mean 'run-remote-script'?" },
  GrantNotAllowedHere: {
    options: { tags: { 'stepup:grants': 'read-bucket-prefix' } },
    code: 2,
    says: "is enrolled for read-bucket-prefix, not for 'run-remote-script'",
  },
  DurationTooLong: { asks: { duration: '12h' }, code: 2, says: 'allows 60 minutes, 720 were asked for' },
  DocumentNotFound: {
    options: { intercept: failing('DescribeDocument', 'InvalidDocument') },
    code: 2,
    says: "no document 'AWS-RunShellScript'",
  },
  DocumentNotAllowed: {
    asks: { document: 'AWS-RunPatchBaseline' },
    code: 2,
    says: "'AWS-RunPatchBaseline' is not among them",
  },
  OutputNotAllowed: {
    asks: { 'output-s3': 's3://elsewhere/logs' },
    code: 2,
    says: 'may go nowhere in this deployment',
  },
  HoldNotAllowed: {
    options: { wrapLauncher: withGrants({ hold: false }) },
    types: ['hold', '--instance', INSTANCE, '--grant', 'run-remote-script', '--for', '30m'],
    code: 2,
    says: 'it says "hold": false',
  },
  RequesterNotAllowed: {
    options: { wrapLauncher: withGrants({ requesters: ['arn:aws:sts::123456789012:assumed-role/OnCall/*'] }) },
    types: ['hold', '--instance', INSTANCE, '--grant', 'run-remote-script', '--for', '30m'],
    code: 2,
    says: 'assumed-role/OnCall/*',
  },
  InstanceNotFound: { asks: { instance: 'i-0ffffffffffffffff' }, code: 2, says: 'check the id and the region' },
  NotAnEc2Instance: { asks: { instance: 'mi-0123456789abcdef0' }, code: 2, says: 'is a hybrid node' },
  InstanceNotEnrolled: {
    arrange: ({ aws }) => {
      aws.world.ec2.instance(INSTANCE)!.tags = {};
    },
    code: 2,
    says: 'aws ec2 create-tags',
  },
  InstanceNotRunning: {
    arrange: async (stage) => {
      stage.aws.world.ec2.stopInstance(INSTANCE);
      await stage.pass(SETTLED);
    },
    code: 2,
    says: 'is stopped',
  },
  InstanceNotManaged: { options: { profile: null }, code: 2, says: 'AmazonSSMManagedInstanceCore' },
  AgentOffline: {
    arrange: async (stage) => {
      await stage.during(stage.ssm.send(new DescribeInstanceInformationCommand({})));
      await AGENT_OFF(stage);
    },
    code: 2,
    says: 'restart it',
  },
  InstanceBusy: {
    arrange: async (stage) => {
      const Path = `/stepup/elevations/${INSTANCE}/other/`;
      await stage.aws.world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: 'marker', Path });
    },
    code: 2,
    says: 'waitForInstanceMinutes',
  },
  OriginalNotRestorable: {
    options: { tags: { 'kubernetes.io/cluster/prod': 'owned' } },
    code: 2,
    says: 'Run the job as a pod',
  },
  OriginalHasBoundary: {
    arrange: async (stage) => {
      await somebodyMakesBounded(stage);
      await stage.pass(SETTLED);
      await somebodyReplaces(stage, 'bounded');
      await stage.pass(SETTLED);
    },
    code: 2,
    says: '"baseline": "core"',
  },
  QuotaExceeded: {
    arrange: ({ aws }) =>
      aws.world.asRoot('iam', 'TagRole', {
        RoleName: 'app',
        Tags: Array.from({ length: 45 }, (_, i) => ({ Key: `tag-${i}`, Value: 'x' })),
      }),
    code: 2,
    says: 'IAM allows 50',
  },
  PolicyNotInheritable: {
    options: { wrapLauncher: environment({ STEPUP_INHERITABLE_POLICIES: '["arn:*:iam::aws:policy/CloudWatch*"]' }) },
    code: 2,
    says: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore, which no temp role',
  },
  CeilingTooLow: {
    arrange: ({ aws }) =>
      aws.world.asRoot('iam', 'AttachRolePolicy', {
        RoleName: 'app',
        PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
    code: 2,
    says: 'give the role a narrower policy',
  },
  AwsAccessDenied: {
    options: { intercept: failing('DescribeInstances', 'UnauthorizedOperation', 403) },
    code: 4,
    says: 'UnauthorizedOperation',
  },
  AwsUnavailable: {
    options: { intercept: failing('DescribeInstances', 'InternalError', 500) },
    code: 4,
    says: 'InternalError',
  },
  AwsCallFailed: {
    options: { intercept: failing('DescribeInstances', 'SomethingNew') },
    code: 4,
    says: 'SomethingNew',
  },
};

/** Failed on the way: undone but for what `leaves` says. */
const FAILED: Partial<Record<ErrorName, Mishap>> = {
  OriginalChanged: {
    arrange: (stage) => somebodyMakes(stage, 'theirs'),
    before: ['SwapProfile', (stage) => replaceNow(stage, 'theirs')],
    code: 1,
    says: 'find out who manages its profile',
    leaves: 'theirs',
  },
  ElevationClosed: {
    before: ['SwapProfile', tagged('stepup:restoring-since', '2026-01-05T09:00:00.000Z')],
    code: 1,
    says: 'Start a new one',
  },
  TempRoleForeign: {
    arrange: async (stage) => {
      const RoleName = tempName(FIRST);
      await stage.aws.world.asRoot('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: EC2_TRUST });
      await stage.pass(SETTLED);
    },
    code: 1,
    says: tempName(FIRST),
  },
  AssociationStuck: {
    before: [
      'SwapProfile',
      // As an SCP would, for this role alone.
      ({ aws }) =>
        aws.world.asRoot('iam', 'UpdateAssumeRolePolicy', {
          RoleName: tempName(FIRST),
          PolicyDocument: EC2_TRUST.replace('ec2.', 'lambda.'),
        }),
    ],
    code: 1,
    says: 'look for an SCP',
  },
  IdentityNotProven: {
    options: {
      behaviour: ({ script }) =>
        script.includes('security-credentials')
          ? Promise.resolve({ exitCode: 1, stdout: '', stderr: 'saw nothing' })
          : undefined,
    },
    code: 1,
    says: 'saw nothing',
  },
  CommandRejected: {
    options: { intercept: watch('SendCommand', { 1: answering('InvalidParameters') }).intercept },
    code: 1,
    says: 'Nothing was started',
  },
  CommandOutcomeUnknown: {
    options: {
      intercept: watch('SendCommand', {
        1: async (proceed) => {
          await proceed();
          throw new ConnectionLost();
        },
      }).intercept,
    },
    code: 1,
    says: "Look at Run Command's history",
  },
  CommandUndeliverable: { before: ['SendScript', AGENT_OFF], code: 1, says: 'DeliveryTimedOut' },
  ScriptFailed: { script: 'exit 7', code: 1, says: 'exit code 7' },
  ScriptTimedOut: { script: 'sleep 600', asks: { duration: '1m' }, code: 1, says: 'ExecutionTimedOut' },
  Released: {
    before: [
      'SendScript',
      ({ aws }) => aws.world.asRoot('states', 'StopExecution', { executionArn: FIRST, error: 'Released' }),
    ],
    code: 1,
    says: /✖ Released: .*\nThe instance has been recovered/,
  },
  ElevationOverdue: {
    // A function that never comes to an end, and answers all the same.
    options: {
      wrapLauncher: around('AwaitScript', async () => ({ payload: { done: false, waitSeconds: 300 } })),
    },
    code: 1,
    says: /Its grant ended at .*\nThe instance has been recovered/,
  },
  Superseded: {
    arrange: (stage) => somebodyMakes(stage, 'theirs'),
    script: 'sleep 1200',
    before: ['AwaitScript', (stage) => replaceNow(stage, 'theirs')],
    code: 1,
    says: 'instance-profile/theirs',
    leaves: 'theirs',
  },
};

/** A person is needed. */
const UNRESTORED: Partial<Record<ErrorName, Mishap>> = {
  OriginalGone: {
    // EC2 has heard of it by the end of the script.
    before: ['AwaitScript', (stage) => somebodyDeletes(stage, 'app')],
    script: 'sleep 60',
    code: 3,
    says: 'was deleted meanwhile',
    leaves: tempName(FIRST),
  },
  RecordTampered: { before: ['Restore', tagged('stepup:original', 'none')], code: 3, says: 'record' },
  RestoreFailed: {
    before: [
      'Restore',
      ({ aws }) =>
        aws.world.asRoot('iam', 'UpdateAssumeRolePolicy', {
          RoleName: 'app',
          PolicyDocument: EC2_TRUST.replace('ec2.', 'lambda.'),
        }),
    ],
    code: 3,
    says: 'still trusts ec2.amazonaws.com',
  },
};

/** In the middle of a function: without the virtual time that a stage's helpers let pass. */
async function replaceNow({ aws: { world } }: Stage, Name: string): Promise<void> {
  const { IamInstanceProfileAssociations: all } = await world.asRoot(
    'ec2',
    'DescribeIamInstanceProfileAssociations',
    {},
  );
  const { AssociationId } = all.find(({ State }: { State: string }) => State !== 'disassociating');
  await world.asRoot('ec2', 'ReplaceIamInstanceProfileAssociation', { AssociationId, IamInstanceProfile: { Name } });
}

const folder = scratchFolder('errors');

async function meet({ options, arrange, before, asks = {}, types, script = 'echo done' }: Mishap) {
  let stage: Stage;
  const wrapLauncher = before && rightBefore(before[0], () => before[1](stage));
  stage = await createStage({ ...options, ...(wrapLauncher && { wrapLauncher }) });
  await arrange?.(stage);
  await stage.pass(SETTLED);
  const file = join(folder, 'script.sh');
  writeFileSync(file, `${script}\n`);
  const world = await stateOf(stage);
  const usual = { instance: INSTANCE, grant: 'run-remote-script', name: 'run-1' };
  const asked = { ...usual, ...(asks.document ? {} : { script: file }), ...asks };
  const run = ['run', ...Object.entries(asked).flatMap(([name, value]) => [`--${name}`, value])];
  const ran = await stepup(stage, types ?? run);
  await stage.pass(2 * SETTLED);
  return { stage, world, ran };
}

const entries = (mishaps: Partial<Record<ErrorName, Mishap>>) => Object.entries(mishaps) as [ErrorName, Mishap][];

test('every error name is met here, once', () => {
  const met = [REFUSED, FAILED, UNRESTORED].flatMap((mishaps) => Object.keys(mishaps));
  expect(met.sort()).toEqual([...ERROR_NAMES].sort());
});

describe('refused: the world is unchanged', () => {
  test.each(entries(REFUSED))('%s', async (name, mishap) => {
    const { stage, world, ran } = await meet(mishap);
    expect(ran).toMatchObject({ code: mishap.code, out: '' });
    expect(ran.err).toMatch(new RegExp(`^✖ ${name}: `, 'm'));
    expect(ran.err).toMatch(mishap.says);
    expect(await stateOf(stage)).toEqual(world);
  });
});

describe('failed on the way: undone', () => {
  test.each(entries(FAILED))('%s', async (name, mishap) => {
    const { stage, world, ran } = await meet(mishap);
    expect(ran.err).toMatch(new RegExp(`^✖ ${name}: `, 'm'));
    expect(ran.err).toMatch(mishap.says);
    expect(ran.code).toBe(mishap.code);
    const { rest, draining } = withoutDraining(await stateOf(stage));
    for (const { inline } of Object.values(draining)) expect(inline).not.toContain('stepup-grant');
    const { associations, ...others } = rest;
    expect({ ...others, associations: world.associations }).toEqual(world);
    expect(await attachedNow(stage)).toEqual([`${mishap.leaves ?? 'app'} associated`]);
    expect(associations).toHaveLength(1);
  });
});

describe('a person is needed: the grant is gone, and nothing runs', () => {
  test.each(entries(UNRESTORED))('%s', async (name, mishap) => {
    const { stage, ran } = await meet(mishap);
    expect(ran.err).toMatch(new RegExp(`^✖ ${name}: `, 'm'));
    expect(ran.err).toMatch(mishap.says);
    expect(ran.code).toBe(mishap.code);
    const { roles, running } = await stateOf(stage);
    for (const { inline } of Object.values(roles)) expect(inline).not.toContain('stepup-grant');
    expect(running).toBe(0);
    expect((await attachedNow(stage))[0]).toMatch(new RegExp(`^${mishap.leaves ?? 'app'} `));
  });
});
