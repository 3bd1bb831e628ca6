import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import type { Intercept } from '../../local';
import type { Outcome } from '../../state-machine/document';
import { createStage, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import {
  arnOf,
  attachedNow,
  SETTLED,
  somebodyDeletes,
  somebodyMakes,
  somebodyMakesAgain,
  somebodyReplaces,
  somebodyTakesItOff,
} from './worlds';

/** How an elevation comes to its end in a changed world: it fails on its own, or it is stopped and recovered. */
const ENDS = ['its own Restore', 'a recovery'] as const;
type End = (typeof ENDS)[number];

/** An elevation in the middle of its script. */
async function elevated(options: StageOptions = {}, before?: (stage: Stage) => Promise<void>) {
  const stage = await createStage(options);
  await somebodyMakes(stage, 'theirs');
  await heardBySsm(stage);
  await before?.(stage);
  await stage.pass(SETTLED);
  const run = await stage.start(request({ shell: ['sleep 600'] }));
  await stage.pass(SETTLED);
  expect(await attachedNow(stage)).toEqual([expect.stringMatching(/^stepup-[0-9a-f]{32} associated$/)]);
  return { stage, run, temp: (await attachedNow(stage))[0]?.split(' ')[0] as string };
}

/** SSM knows an instance from then on, though it may lose its profile. */
const heardBySsm = ({ during, ssm }: Stage) => during(ssm.send(new DescribeInstanceInformationCommand({})));

interface Ended {
  status: string | undefined;
  error: string | undefined;
  outcome: Outcome;
  /** The notes of the restore; of a run that failed they are in the cause. */
  said: string;
  states: string[];
}

/** Lets the run end as it is asked to; returns the end of whatever restored. */
async function end(stage: Stage, run: string, how: End): Promise<Ended> {
  if (how === 'a recovery') {
    await stage.during(stage.sfn.send(new StopExecutionCommand({ executionArn: run })));
    await stage.pass(30);
  }
  const [restoring = run] = await stage.recoveries();
  const { status, error, output, cause } = await stage.ended(restoring);
  const states = await stage.states(restoring);
  const outcome = output ? JSON.parse(output).outcome : { cause };
  await stage.pass(SETTLED);
  return { status, error, outcome, said: outcome.notes?.join(' ') ?? cause, states };
}

async function expectNoGrantLeft(stage: Stage): Promise<void> {
  const { roles, running } = await stateOf(stage);
  for (const { inline } of Object.values(roles)) expect(inline).not.toContain('stepup-grant');
  // A command outlives its instance in SSM's lists; nothing runs there any more.
  const alive = stage.aws.world.ec2.instance(INSTANCE)?.state === 'running';
  if (alive) expect(running).toBe(0);
}

const stop = (stage: Stage) => stage.aws.world.ec2.stopInstance(INSTANCE);

describe.each(ENDS)('the instance was changed in mid-run, and %s ends the run', (how) => {
  test('not at all: the original is given back', async () => {
    const { stage, run } = await elevated();
    const { status, outcome } = await end(stage, run, how);
    expect(status).toBe('SUCCEEDED');
    // A recovery looks twice: at its closing look the profile is back.
    expect(outcome.restored).toBe(how === 'a recovery' ? 'already-back' : 'given-back');
    expect(outcome.notes).toEqual([`${INSTANCE} has ${arnOf('app')}.`]);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
  });

  test('stopped: it gets the original all the same, and starts with it', async () => {
    const { stage, run } = await elevated();
    stop(stage);
    await stage.pass(60);
    await end(stage, run, how);
    expect(await attachedNow(stage)).toEqual(['app associating']);
    await expectNoGrantLeft(stage);
    stage.aws.world.ec2.startInstance(INSTANCE);
    await stage.pass(SETTLED);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test('terminated: there is nothing to give back, and that is a success of the restore', async () => {
    const { stage, run } = await elevated();
    stage.aws.world.ec2.terminateInstance(INSTANCE);
    await stage.pass(60);
    const { status, error, outcome } = await end(stage, run, how);
    if (how === 'a recovery') expect([status, outcome.restored]).toEqual(['SUCCEEDED', 'instance-gone']);
    else expect([status, error]).toEqual(['FAILED', 'InstanceNotRunning']);
    await expectNoGrantLeft(stage);
    await stage.pass(8 * 3600);
    expect(Object.keys((await stateOf(stage)).roles).filter((name) => /^stepup-/.test(name))).toEqual([]);
  });

  test("the original's role no longer trusts EC2: it is attached, and a person is called within minutes", async () => {
    const { stage, run } = await elevated();
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    });
    await stage.aws.world.asRoot('iam', 'UpdateAssumeRolePolicy', { RoleName: 'app', PolicyDocument });
    const { status, error, outcome } = await end(stage, run, how);
    expect([status, error]).toEqual(['FAILED', 'RestoreFailed']);
    expect((outcome as unknown as { cause: string }).cause).toContain('still trusts ec2.amazonaws.com');
    expect(await attachedNow(stage)).toEqual(['app associating']);
    await expectNoGrantLeft(stage);
  });

  test('its record was made to look closed: the instance gets its profile back all the same', async () => {
    const { stage, run, temp } = await elevated();
    const Tags = [
      { Key: 'stepup:draining-since', Value: '2026-01-05T09:00:00.000Z' },
      { Key: 'stepup:delete-after', Value: '2026-12-01T00:00:00.000Z' },
    ];
    await stage.aws.world.asRoot('iam', 'TagRole', { RoleName: temp, Tags });
    expect((await end(stage, run, how)).status).toBe('SUCCEEDED');
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
  });

  /** The script has lost its grant in the middle, so its run has failed; a recovery's only work is the profile. */
  const superseded = how === 'a recovery' ? ['SUCCEEDED', undefined] : ['FAILED', 'Superseded'];

  test('somebody attached a profile of theirs: it stays, and that is said', async () => {
    const { stage, run } = await elevated();
    await somebodyReplaces(stage, 'theirs');
    const { status, error, said } = await end(stage, run, how);
    expect([status, error]).toEqual(superseded);
    expect(said).toContain(`Somebody attached ${arnOf('theirs')}`);
    expect(said).toContain(`${arnOf('app')} was not put back`);
    expect(await attachedNow(stage)).toEqual(['theirs associated']);
    await expectNoGrantLeft(stage);
  });

  test('somebody took the temp profile off: the original is owed, and given back', async () => {
    const { stage, run } = await elevated();
    await somebodyTakesItOff(stage);
    await stage.pass(20);
    const { status, error, said } = await end(stage, run, how);
    expect([status, error]).toEqual(superseded);
    expect(said).toContain(`${INSTANCE} has ${arnOf('app')}.`);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
  });

  test('somebody gave the original back by hand: done already', async () => {
    const { stage, run } = await elevated();
    await somebodyReplaces(stage, 'app');
    const { status, error, said } = await end(stage, run, how);
    expect([status, error]).toEqual(superseded);
    expect(said).toContain(`${INSTANCE} has ${arnOf('app')}.`);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
  });

  test('un-enrolled: that does not lock us out', async () => {
    const { stage, run } = await elevated();
    stage.aws.world.ec2.instance(INSTANCE)!.tags = {};
    expect(await end(stage, run, how)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test('the original was deleted: the temp role stays attached without its grant, and a person is called', async () => {
    const { stage, run, temp } = await elevated();
    await somebodyDeletes(stage, 'app');
    await stage.pass(60);
    const { status, error, outcome, states } = await end(stage, run, how);
    expect([status, error, states.at(-1)]).toEqual(['FAILED', 'OriginalGone', 'RestoreFailed']);
    expect(outcome.cause).toContain(`${arnOf('app')} was deleted meanwhile`);
    expect(outcome.cause).toContain('without the grant, and counts as busy');
    await stage.pass(9 * 3600);
    expect(await attachedNow(stage)).toEqual([`${temp} associated`]);
    await expectNoGrantLeft(stage);
  });

  test('the original was deleted and made again: the new one is attached, and that is said', async () => {
    const { stage, run } = await elevated();
    await somebodyDeletes(stage, 'app');
    await somebodyMakesAgain(stage, 'app');
    await stage.pass(60);
    const { status, outcome } = await end(stage, run, how);
    expect(status).toBe('SUCCEEDED');
    expect(outcome.notes.at(-1)).toContain('was deleted and made again under its name');
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test.each([
    ['original', 'none'],
    ['original', `${arnOf('theirs')} AIPAX arn:aws:iam::123456789012:role/theirs AROAX`],
    ['instance-arn', 'arn:aws:ec2:us-east-1:123456789012:instance/i-0ffffffffffffffff'],
    ['execution', 'arn:aws:states:us-east-1:123456789012:execution:StepUp-us-east-1-elevation:another'],
  ])('its record was: %s is now %s: the history is believed, and a person is called', async (key, Value) => {
    const { stage, run, temp } = await elevated();
    await stage.aws.world.asRoot('iam', 'TagRole', { RoleName: temp, Tags: [{ Key: `stepup:${key}`, Value }] });
    const { status, error, states } = await end(stage, run, how);
    expect([status, error, states.at(-1)]).toEqual(['FAILED', 'RecordTampered', 'RestoreFailed']);
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
  });

  test('its record cannot be read: the history is believed, and a person is called', async () => {
    const { stage, run, temp } = await elevated();
    const Tags = [{ Key: 'stepup:original', Value: 'scribble' }];
    await stage.aws.world.asRoot('iam', 'TagRole', { RoleName: temp, Tags });
    expect(await end(stage, run, how)).toMatchObject({ status: 'FAILED', error: 'RecordTampered' });
    expect(await attachedNow(stage)).toEqual(['app associated']);
    await expectNoGrantLeft(stage);
    // The instance is free again; the role stays for the person who looks into it.
    expect((await stage.ended(await stage.start(request()))).status).toBe('SUCCEEDED');
  });

  test('not at all, and it had no profile before: it has none again', async () => {
    const { stage, run } = await elevated({}, somebodyTakesItOff);
    const { status, outcome } = await end(stage, run, how);
    expect(status).toBe('SUCCEEDED');
    expect(outcome.notes.at(-1)).toBe(`${INSTANCE} has no profile.`);
    expect(await attachedNow(stage)).toEqual([]);
    await expectNoGrantLeft(stage);
  });

  test('the temp role was deleted and the instance is bare: the history is enough to put the original back', async () => {
    const { stage, run, temp } = await elevated();
    await deleteRole(stage, temp);
    await somebodyTakesItOff(stage);
    await stage.pass(30);
    await end(stage, run, how);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });

  test('the temp role itself was deleted: the history is enough', async () => {
    const { stage, run, temp } = await elevated();
    await deleteRole(stage, temp);
    const { status } = await end(stage, run, how);
    expect(status).toBe('SUCCEEDED');
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });
});

/** An IAM administrator deletes a role with all that hangs on it. */
async function deleteRole({ aws: { world } }: Stage, RoleName: string): Promise<void> {
  const InstanceProfileName = RoleName;
  await world.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName });
  const { PolicyNames } = await world.asRoot('iam', 'ListRolePolicies', { RoleName });
  for (const PolicyName of PolicyNames) await world.asRoot('iam', 'DeleteRolePolicy', { RoleName, PolicyName });
  const { AttachedPolicies } = await world.asRoot('iam', 'ListAttachedRolePolicies', { RoleName });
  for (const { PolicyArn } of AttachedPolicies) {
    await world.asRoot('iam', 'DetachRolePolicy', { RoleName, PolicyArn });
  }
  await world.asRoot('iam', 'DeleteRole', { RoleName });
}

describe('how it is given back', () => {
  /** The changes of associations that Restore asks EC2 for. */
  async function changes(arrange: (stage: Stage) => unknown): Promise<string[]> {
    const asked: string[] = [];
    const { stage, run } = await elevated({
      intercept: async ({ service, operation, principal }, proceed) => {
        const isChange = service === 'ec2' && !operation.startsWith('Describe');
        if (isChange && principal.name?.endsWith('-restore')) asked.push(operation);
        return proceed();
      },
    });
    asked.length = 0;
    await arrange(stage);
    await end(stage, run, 'a recovery');
    return asked;
  }

  test('running: by one Replace', async () => {
    expect(await changes(() => undefined)).toEqual(['ReplaceIamInstanceProfileAssociation']);
  });

  test('stopped: by Disassociate and Associate', async () => {
    const asked = await changes(async (stage) => {
      stop(stage);
      await stage.pass(60);
    });
    expect(asked).toEqual(['DisassociateIamInstanceProfile', 'AssociateIamInstanceProfile']);
  });

  test('where another profile is: not at all', async () => {
    expect(await changes((stage) => somebodyReplaces(stage, 'theirs'))).toEqual([]);
  });

  test('while it is stopping: not yet, as soon as it is stopped', async () => {
    const asked = await changes((stage) => stop(stage));
    expect(asked).toEqual(['DisassociateIamInstanceProfile', 'AssociateIamInstanceProfile']);
  });
});

describe('a run that was closed', () => {
  test('may be recovered again: nothing is changed, whatever the instance has now', async () => {
    const { stage, run } = await elevated();
    await stage.ended(run);
    await stage.pass(SETTLED);
    await somebodyTakesItOff(stage);
    await stage.pass(SETTLED);
    const before = withoutDraining(await stateOf(stage));
    const { executionArn } = await stage.aws.world.asRoot('states', 'StartExecution', {
      stateMachineArn: stage.machineArn('recovery'),
      input: JSON.stringify({ execution: run }),
    });
    expect(await stage.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(withoutDraining(await stateOf(stage))).toEqual(before);
  });

  test.each([
    [
      'of an execution of another machine',
      { execution: 'arn:aws:states:us-east-1:123456789012:execution:Other-elevation:run-1' },
    ],
    ['of nothing', {}],
  ])('a recovery %s touches nothing, and fails', async (_, input) => {
    const stage = await createStage();
    const before = await stateOf(stage);
    const { executionArn } = await stage.aws.world.asRoot('states', 'StartExecution', {
      stateMachineArn: stage.machineArn('recovery'),
      input: JSON.stringify(input),
    });
    expect(await stage.ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'RestoreFailed' });
    expect(await stateOf(stage)).toEqual(before);
  });
});

test('IAM shows nothing for an hour: the profile comes back at once, the run is closed when IAM answers', async () => {
  let silent = false;
  const intercept: Intercept = ({ operation, principal }, proceed) =>
    silent && operation === 'GetRole' && principal.name?.endsWith('-restore')
      ? new Promise(() => undefined)
      : proceed();
  const stage = await createStage({ intercept });
  const before = await stateOf(stage);
  const run = await stage.start(request({ shell: ['sleep 60'] }));
  await stage.pass(SETTLED / 2);
  silent = true;
  await stage.pass(SETTLED);
  expect(await attachedNow(stage)).toEqual(['app associated']);
  await stage.pass(3_600);
  silent = false;
  expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
  expect(withoutDraining(await stateOf(stage)).rest).toEqual(before);
});

test('a recovery that comes when the role has long drained leaves an instance bare that somebody bared', async () => {
  const { stage, run } = await elevated();
  await end(stage, run, 'a recovery');
  await stage.pass(8 * 3_600);
  await somebodyTakesItOff(stage);
  await stage.pass(SETTLED);
  const input = JSON.stringify({ execution: run });
  const late = new StartExecutionCommand({ stateMachineArn: stage.machineArn('recovery'), name: 'late', input });
  const { executionArn = '' } = await stage.during(stage.sfn.send(late));
  expect(await stage.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await attachedNow(stage)).toEqual([]);
});
