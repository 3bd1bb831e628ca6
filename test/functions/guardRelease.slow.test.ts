import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../functions/guardRelease/event';
import { isCloudFormations, putTo } from '../../functions/guardRelease/put';
import { AwsError, type Intercept } from '../../local';
import { synthWithCatalogue } from '../infra/synth';
import { createStage, DEPLOYMENT, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { stateOf } from '../support/worldState';
import { FIRST, TEMP, TEMP_PATH } from './sweeps';
import { arnOf, attachedNow } from './worlds';

const ROLE = 'arn:aws:iam::123456789012:role/app';
const APPS = 'arn:aws:iam::123456789012:role/app*';
const OTHERS = 'arn:aws:iam::123456789012:role/other-*';

const deploy = (stage: Stage, ...restorableRoles: string[]) =>
  stage.during(stage.aws.deploy(synthWithCatalogue({ restorableRoles })));

/** A stage of a deployment that may restore these roles, and a run in the middle of its script, or after its end. */
async function running(restorableRoles: string[], until: 'script' | 'end' = 'script', options: StageOptions = {}) {
  const stage = await createStage({ assembly: synthWithCatalogue({ restorableRoles }), ...options });
  const run = await stage.start(request({ shell: ['sleep 600'] }));
  await stage.pass(until === 'script' ? 300 : 1_200);
  expect(Object.keys((await stateOf(stage)).roles)).toContain(TEMP);
  return { ...stage, run };
}

/** What may be passed, by Restore's role. */
const passable = async ({ aws }: Stage): Promise<string> => {
  const { PolicyDocument } = await aws.world.asRoot('iam', 'GetRolePolicy', {
    RoleName: `${DEPLOYMENT}-restore`,
    PolicyName: 'permissions',
  });
  return decodeURIComponent(PolicyDocument);
};

describe('an upgrade that takes a restorable role', () => {
  test('from an open run is refused, and says what to do; the run goes on', async () => {
    const stage = await running([APPS, OTHERS]);
    await expect(deploy(stage, OTHERS)).rejects.toThrow(
      `Run ${FIRST} must give ${ROLE} back to ${INSTANCE}, and the new restorableRoles do not have it: add it, or wait until the run has ended, or stop the run; then deploy again.`,
    );
    expect(await passable(stage)).toContain(APPS);
    expect((await stage.ended(stage.run)).status).toBe('SUCCEEDED');
  });

  test('from a run that is being restored is refused', async () => {
    const stage = await running([APPS, OTHERS]);
    await stage.aws.world.asRoot('iam', 'TagRole', {
      RoleName: TEMP,
      Tags: [{ Key: 'stepup:restoring-since', Value: new Date(stage.clock.now()).toISOString() }],
    });
    await expect(deploy(stage, OTHERS)).rejects.toThrow(ROLE);
  });

  test.each<[string, string[], string[]]>([
    ['that is named in another way', [APPS], [ROLE, OTHERS]],
    ['that no run needs', [APPS, OTHERS], [APPS]],
    ['that a wider pattern has', [APPS], ['*']],
  ])('%s is fine', async (_, before, after) => {
    const stage = await running(before);
    await deploy(stage, ...after);
    expect((await stage.ended(stage.run)).status).toBe('SUCCEEDED');
    expect(await passable(stage)).toContain(after[0]);
  });

  test('from a run that drains is fine: that has given it back', async () => {
    const stage = await running([APPS, OTHERS], 'end');
    await deploy(stage, OTHERS);
    expect(await passable(stage)).not.toContain(APPS);
  });

  test('is refused while a record cannot be read', async () => {
    const stage = await running([APPS, OTHERS]);
    await stage.aws.world.asRoot('iam', 'UntagRole', { RoleName: TEMP, TagKeys: ['stepup:original'] });
    await expect(deploy(stage, OTHERS)).rejects.toThrow(`The record of ${TEMP}, on ${INSTANCE}, cannot be read`);
  });

  test('is refused while AWS does not say', async () => {
    const denied: Intercept = ({ operation, principal }, proceed) => {
      if (operation !== 'GetRole' || !principal.name?.endsWith('-guardRelease')) return proceed();
      throw new AwsError('AccessDenied', 'said by the test', 403);
    };
    const stage = await running([APPS, OTHERS], 'script', { intercept: denied });
    await expect(deploy(stage, OTHERS)).rejects.toThrow(
      /could not be found out: AwsAccessDenied: .*said by the test.*Try again\./,
    );
  });

  test('names five of many', async () => {
    const stage = await running([APPS, OTHERS]);
    const { Role } = await stage.aws.world.asRoot('iam', 'GetRole', { RoleName: TEMP });
    for (let n = 0; n < 7; n += 1) {
      await stage.aws.world.asRoot('iam', 'CreateRole', {
        RoleName: `stepup-${String(n).repeat(32)}`,
        Path: TEMP_PATH,
        AssumeRolePolicyDocument: decodeURIComponent(Role.AssumeRolePolicyDocument),
        Tags: Role.Tags,
      });
    }
    await expect(deploy(stage, OTHERS)).rejects.toThrow(/and 3 more/);
  });
});

describe('another id', () => {
  const other = () => synthWithCatalogue({ deployment: 'other' });

  test('is refused while any role is left, and taken when none is', async () => {
    const stage = await running(['*'], 'end');
    await expect(stage.during(stage.aws.deploy(other()))).rejects.toThrow(
      `1 temp role of '${DEPLOYMENT}' is left: ${TEMP} (${INSTANCE}). As 'other' this stack would not know them any more.`,
    );
    expect((await stateOf(stage)).roles).toHaveProperty(`${DEPLOYMENT}-sweep`);
    await stage.pass(8 * 3_600);
    await stage.during(stage.aws.deploy(other()));
    const { roles } = await stateOf(stage);
    expect(roles).toHaveProperty('other-sweep');
    expect(roles).not.toHaveProperty(`${DEPLOYMENT}-sweep`);
  });
});

describe('a run that starts', () => {
  /** Starts a run `seconds` after `work` has begun; resolves to what became of each. */
  async function startedAfter(stage: Stage, seconds: number, work: Promise<void>) {
    const done = work.then(
      () => 'done',
      (error: Error) => error.message,
    );
    await stage.pass(seconds);
    const started = await stage.start(request({ shell: ['sleep 600'] })).then(
      () => 'started',
      ({ name }: Error) => name,
    );
    return { started, done: () => stage.during(done) };
  }
  const isElevated = async (stage: Stage) => (await attachedNow(stage)).some((profile) => profile.startsWith(TEMP));
  const GIVEN_BACK = ['app associated'];

  // The first guard is asked after six seconds, the last one after eighteen.
  test.each([1, 7, 12, 17])('%d s after another id is deployed has it rolled back', async (seconds) => {
    const stage = await createStage();
    const { started, done } = await startedAfter(
      stage,
      seconds,
      stage.aws.deploy(synthWithCatalogue({ deployment: 'other' })),
    );
    expect(started).toBe('started');
    expect(await done()).toMatch(/1 temp role of .* is left: .* As 'other' this stack would not know them any more\./);
    await stage.pass(60);
    expect(await isElevated(stage)).toBe(true);
    expect((await stage.ended(FIRST)).status).toBe('SUCCEEDED');
    await stage.pass(12 * 3_600);
    expect(await attachedNow(stage)).toEqual(GIVEN_BACK);
    const { roles } = await stateOf(stage);
    expect(roles).toHaveProperty(`${DEPLOYMENT}-sweep`);
    expect(roles).not.toHaveProperty(TEMP);
  });

  /** CloudFormation takes so many seconds to delete the elevation machine, once all that refers to it is gone. */
  const slowly =
    (seconds: number): NonNullable<StageOptions['onWorld']> =>
    (world) => {
      const remove = world.states.removeStateMachine;
      world.states.removeStateMachine = async (arn) => {
        if (arn.endsWith('-elevation')) await world.clock.sleep(seconds * 1_000);
        remove(arn);
      };
    };

  // The first guard answers after seven seconds: the run is at another place when the machine goes.
  test.each([0, 10, 30, 120])('while the stack is deleted, %d s before its machine goes, holds it', async (seconds) => {
    const stage = await createStage({ onWorld: slowly(seconds) });
    const { started, done } = await startedAfter(stage, 7.5, stage.aws.destroy('StepUp'));
    expect(started).toBe('started');
    expect(await done()).toMatch(
      /1 temp role of .* is left: .* No run can start any more, and what recovers them is still/,
    );
    await stage.pass(3_600);
    expect((await stage.ended(FIRST)).error).toBe('States.Runtime');
    expect(await attachedNow(stage)).toEqual(GIVEN_BACK);
    expect((await stateOf(stage)).roles[TEMP]?.tags).toHaveProperty('stepup:draining-since');
    await stage.pass(8 * 3_600);
    await stage.during(stage.aws.destroy('StepUp'));
    expect(Object.keys((await stateOf(stage)).roles)).toEqual(['app']);
  });

  test('while the stack is deleted is recovered from its record, when Step Functions has forgotten it', async () => {
    let forgotten = false;
    const forgetful: Intercept = ({ operation, input }, proceed) => {
      const { executionArn, stateMachineArn } = input as Record<string, string | undefined>;
      if (!forgotten) return proceed();
      if (executionArn === FIRST) throw new AwsError('ExecutionDoesNotExist', 'said by the test');
      if (operation === 'ListExecutions' && stateMachineArn?.endsWith('-elevation')) {
        throw new AwsError('StateMachineDoesNotExist', 'said by the test');
      }
      return proceed();
    };
    const stage = await createStage({ onWorld: slowly(120), intercept: forgetful });
    const { done } = await startedAfter(stage, 7.5, stage.aws.destroy('StepUp'));
    expect(await done()).toContain('No run can start any more');
    forgotten = true;
    const orphan = { InstanceProfileName: `stepup-${'0'.repeat(32)}`, Path: TEMP_PATH };
    await stage.aws.world.asRoot('iam', 'CreateInstanceProfile', orphan);
    await stage.pass(7_200);
    expect(await attachedNow(stage)).toEqual(GIVEN_BACK);
    const { roles, profiles } = await stateOf(stage);
    expect(roles[TEMP]?.tags).toHaveProperty('stepup:draining-since');
    expect(Object.keys(profiles)).toEqual([arnOf('app')]);
  });

  test.each([15, 60, 120])('%d s after the deletion began cannot', async (seconds) => {
    const stage = await createStage();
    const { started, done } = await startedAfter(stage, seconds, stage.aws.destroy('StepUp'));
    expect(started).toMatch(/^StateMachineDoesNotExist$/);
    expect(await done()).toBe('done');
    expect(Object.keys((await stateOf(stage)).roles)).toEqual(['app']);
  });
});

describe('the stack', () => {
  test.each(['script', 'end'] as const)('is not deleted while a role is left, until its %s', async (until) => {
    const stage = await running(['*'], until);
    const before = await stateOf(stage);
    await expect(stage.during(stage.aws.destroy('StepUp'))).rejects.toThrow(
      `1 temp role of '${DEPLOYMENT}' is left: ${TEMP} (${INSTANCE}). Deleting this stack would leave them to nobody's care. Look at them with 'stepup drains'`,
    );
    expect(await stateOf(stage)).toEqual(before);
    if (until === 'script') expect((await stage.ended(stage.run)).status).toBe('SUCCEEDED');
  });

  test('is deleted when none is, and its machines with it', async () => {
    const stage = await running(['*'], 'end');
    await stage.pass(8 * 3_600);
    await stage.during(stage.aws.destroy('StepUp'));
    const { roles } = await stateOf(stage);
    expect(Object.keys(roles)).toEqual(['app']);
    expect((await stage.aws.world.asRoot('states', 'ListStateMachines', {})).stateMachines).toEqual([]);
  });

  test('roles of another deployment do not hold it', async () => {
    const stage = await createStage();
    await stage.aws.world.asRoot('iam', 'CreateRole', {
      RoleName: TEMP,
      Path: TEMP_PATH.replace(DEPLOYMENT, 'another'),
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      }),
    });
    await stage.during(stage.aws.destroy('StepUp'));
    expect(Object.keys((await stateOf(stage)).roles).sort()).toEqual(['app', TEMP]);
  });
});

test('a run that is stopped in mid-run still holds the upgrade', async () => {
  const stage = await running([APPS, OTHERS]);
  await stage.during(stage.sfn.send(new StopExecutionCommand({ executionArn: stage.run })));
  await expect(deploy(stage, OTHERS)).rejects.toThrow(ROLE);
  await stage.pass(900);
  await deploy(stage, OTHERS);
});

describe('the answer', () => {
  const answer: Answer = {
    ...{ Status: 'SUCCESS', Reason: 'It is fine.', PhysicalResourceId: 'guard' },
    ...{ StackId: 'stack', RequestId: 'request', LogicalResourceId: 'guard' },
  };

  /** A server that answers with these, one after the other. */
  async function puts(...statuses: number[]) {
    const got: unknown[] = [];
    const slept: number[] = [];
    const server = createServer(async (incoming, response) => {
      got.push([incoming.method, incoming.headers['content-type'], await json(incoming)]);
      response.writeHead(statuses.shift() ?? 500, { location: '/elsewhere' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const clock = { now: () => 0, sleep: async (ms: number) => void slept.push(ms) };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const done = await putTo(clock, ({ hostname }) => hostname === '127.0.0.1')(url, answer).then(
      () => 'done',
      (error: Error) => error.message,
    );
    server.close();
    return { got, slept, done };
  }

  test('is put without a content type, and again when it is not taken', async () => {
    const { got, slept, done } = await puts(503, 200);
    expect(done).toBe('done');
    expect(got).toEqual([
      ['PUT', '', answer],
      ['PUT', '', answer],
    ]);
    expect(slept).toEqual([1_000]);
  });

  test('that nobody takes fails the function, which Lambda repeats', async () => {
    const { got, done } = await puts();
    expect(done).toBe("CloudFormation's URL answered 500");
    expect(got).toHaveLength(4);
  });

  test('goes nowhere else, whoever says so', async () => {
    const { got, done } = await puts(307, 307, 307, 307);
    expect(done).toBe('fetch failed');
    expect(got).toHaveLength(4);
  });

  const bucket = 'cloudformation-custom-resource-response';
  test.each([
    `https://${bucket}-useast1.s3.amazonaws.com/arn?X-Amz-Signature=1`,
    `https://${bucket}-eucentral1.s3.eu-central-1.amazonaws.com/arn`,
    `https://${bucket}-usgovwest1.s3-us-gov-west-1.amazonaws.com/arn`,
    `https://${bucket}-cnnorth1.s3.cn-north-1.amazonaws.com.cn/arn`,
    `https://s3.eu-west-1.amazonaws.com/${bucket}-euwest1/arn`,
    `https://s3.dualstack.eu-west-1.amazonaws.com/${bucket}-euwest1/arn`,
  ])('may be put to %s', (url) => expect(isCloudFormations(new URL(url))).toBe(true));

  test.each([
    ['plain', `http://${bucket}-useast1.s3.amazonaws.com/hunter2`],
    ['another bucket', 'https://mine.s3.amazonaws.com/hunter2'],
    ['its name in the path', `https://mine.s3.amazonaws.com/${bucket}-useast1/hunter2`],
    ['its name begins another', `https://${bucket}-useast1.s3.amazonaws.com.example.org/hunter2`],
    ['its name in mine', `https://mine.${bucket}-useast1.s3.amazonaws.com/hunter2`],
    ['another service', `https://${bucket}-useast1.s3.eu-west-1.elb.amazonaws.com/hunter2`],
    ['another port', `https://${bucket}-useast1.s3.amazonaws.com:8443/hunter2`],
    ['another prefix', `https://s3.amazonaws.com/x/../mine-${bucket}-useast1/hunter2`],
    ['a user', `https://hunter2@${bucket}-useast1.s3.amazonaws.com/`],
    ['no URL', 'hunter2 is no URL'],
  ])('is put to nobody else, and the URL is not said: %s', async (_, url) => {
    const clock = { now: () => 0, sleep: () => Promise.reject(new Error('tried again')) };
    const error = await putTo(clock)(url, answer).catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(/is not CloudFormation's: nothing was sent/);
    expect((error as Error).stack).not.toContain('hunter2');
  });
});
