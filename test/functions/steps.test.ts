import { describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import { ec2Trust } from '../../functions/common/policies';
import { recordTags } from '../../functions/common/record';
import { around } from '../support/faulty';
import { createStage, DEPLOYMENT, INSTANCE, type Stage } from '../support/stage';
import { stateOf } from '../support/worldState';
import { FIRST, rightBefore, undone, watch } from './midRun';
import { attachedNow, SETTLED, somebodyMakes } from './worlds';

describe('CreateTempRole', () => {
  test('asked again, continues its own earlier work: no second role, no second profile', async () => {
    const { calls, intercept } = watch('CreateRole');
    let times = 0;
    const wrapLauncher = around('CreateTempRole', async (event, invoke) => {
      times += 1;
      const answer = await invoke(event);
      const lost = { functionError: { errorType: 'AwsUnavailable', errorMessage: 'the answer was lost' } };
      return times < 3 ? lost : answer;
    });
    const stage = await createStage({ intercept, wrapLauncher });
    const { status, before, rest } = await undone(stage);
    expect([status, times, calls.length]).toEqual(['SUCCEEDED', 3, 1]);
    expect(rest).toEqual(before);
  });

  test('redriven, makes nothing: ElevationClosed', async () => {
    const { calls, intercept } = watch('CreateRole');
    const wrapLauncher = around('CreateTempRole', (event, invoke) =>
      invoke({ ...event, execution: { ...event.execution, RedriveCount: 1 } }),
    );
    const { status, error, before, rest } = await undone(await createStage({ intercept, wrapLauncher }));
    expect([status, error, calls.length]).toEqual(['FAILED', 'ElevationClosed', 0]);
    expect(rest).toEqual(before);
  });

  test.each(['restoring-since', 'draining-since'])('when its record has %s, adds nothing', async (mark) => {
    const { calls, intercept } = watch('PutRolePolicy');
    let stage: Stage;
    let wrote = 0;
    // It made the role, then IAM failed it; meanwhile a recovery closed the run.
    const wrapLauncher = around('CreateTempRole', async (event, invoke) => {
      const answer = await invoke(event);
      if (wrote > 0) return answer;
      wrote = calls.length;
      const Tags = [{ Key: `stepup:${mark}`, Value: event.execution.StartTime }];
      await stage.aws.world.asRoot('iam', 'TagRole', { RoleName: tempName(event.execution.Id), Tags });
      return { functionError: { errorType: 'AwsUnavailable', errorMessage: 'lost' } };
    });
    stage = await createStage({ intercept, wrapLauncher });
    const { status, error } = await undone(stage);
    expect([status, error]).toEqual(['FAILED', 'ElevationClosed']);
    expect(calls).toHaveLength(wrote);
    expect(await attachedNow(stage)).toEqual(['app associated']);
  });
});

const EC2_TRUST = ec2Trust({ partition: 'aws' });

/** Somebody made a role of the name that the first run will derive. */
async function foreignRole(stage: Stage, path: string, recorded: boolean): Promise<void> {
  const record = {
    execution: FIRST,
    started: '2026-01-01T00:00:00.000Z',
    instanceArn: `arn:aws:ec2:us-east-1:123456789012:instance/${INSTANCE}`,
    original: null,
    grant: 'run-remote-script',
    requester: 'somebody',
    expires: '2030-01-01T00:00:00.000Z',
  };
  await stage.aws.world.asRoot('iam', 'CreateRole', {
    RoleName: tempName(FIRST),
    Path: path,
    AssumeRolePolicyDocument: EC2_TRUST,
    Tags: recorded ? recordTags(record) : [],
  });
  await stage.pass(SETTLED);
}

describe('a role of the derived name that somebody else made', () => {
  const OURS = `/stepup/elevations/${INSTANCE}/${DEPLOYMENT}/`;
  test('with a record of an earlier run of the same ARN: TempRoleForeign is said, and nothing is added', async () => {
    const stage = await createStage();
    await foreignRole(stage, OURS, true);
    const { status, error, states } = await undone(stage);
    expect([status, error]).toEqual(['FAILED', 'TempRoleForeign']);
    expect(states).not.toContain('SwapProfile');
    const { attached, inline } = (await stateOf(stage)).roles[tempName(FIRST)]!;
    expect([attached, inline]).toEqual([[], []]);
  });

  test.each([
    ['with nothing of ours but the name', '/'],
    ['under our path, without a record', OURS],
  ])('%s: it is left alone', async (_, path) => {
    const stage = await createStage();
    await foreignRole(stage, path, false);
    const { status, error, states, before, rest } = await undone(stage);
    expect([status, error]).toEqual(['FAILED', 'TempRoleForeign']);
    expect(states).not.toContain('SwapProfile');
    expect(rest).toEqual(before);
  });
});

describe('SwapProfile', () => {
  test('finds another profile than was captured: OriginalChanged, and theirs stays', async () => {
    let stage: Stage;
    const wrapLauncher = rightBefore('SwapProfile', async () => {
      const { world } = stage.aws;
      const { IamInstanceProfileAssociations } = await world.asRoot('ec2', DESCRIBE, {});
      const { AssociationId } = IamInstanceProfileAssociations[0];
      const IamInstanceProfile = { Name: 'theirs' };
      await world.asRoot('ec2', 'ReplaceIamInstanceProfileAssociation', { AssociationId, IamInstanceProfile });
    });
    stage = await createStage({ wrapLauncher });
    await somebodyMakes(stage, 'theirs');
    await stage.pass(SETTLED);
    const { status, error, cause } = await undone(stage);
    expect([status, error]).toEqual(['FAILED', 'OriginalChanged']);
    expect(cause).toContain('instance-profile/theirs now: find out who manages its profile');
    expect(await attachedNow(stage)).toEqual(['theirs associated']);
  });

  test('when the record has closed meanwhile, swaps nothing: ElevationClosed', async () => {
    const { calls, intercept } = watch('ReplaceIamInstanceProfileAssociation');
    let stage: Stage;
    const wrapLauncher = rightBefore('SwapProfile', () =>
      stage.aws.world.asRoot('iam', 'TagRole', {
        RoleName: tempName(FIRST),
        Tags: [{ Key: 'stepup:restoring-since', Value: '2026-01-05T09:00:00.000Z' }],
      }),
    );
    stage = await createStage({ intercept, wrapLauncher });
    const { status, error, before, rest } = await undone(stage);
    expect([status, error]).toEqual(['FAILED', 'ElevationClosed']);
    // The rehearsal's.
    expect(calls).toHaveLength(1);
    expect(rest).toEqual(before);
  });
});

const DESCRIBE = 'DescribeIamInstanceProfileAssociations';

describe('WaitAssociated', () => {
  test('gives up on a profile that stays associating: AssociationStuck, and takes it off; a person is called, for the original stays so too', async () => {
    const stage = await createStage({ delays: { associating: 3_600_000 } });
    const { status, error, cause, states } = await undone(stage);
    expect([status, error]).toEqual(['FAILED', 'RestoreFailed']);
    expect(cause).toContain('has not managed to associate it in 10 minutes');
    expect(cause).toMatch(/Before that: AssociationStuck: .*over 5 minutes/);
    expect(states).not.toContain('SendScript');
    expect(await attachedNow(stage)).toEqual(['app associating']);
  });

  test('sees somebody take the profile off: OriginalChanged, and the original comes back', async () => {
    let stage: Stage;
    const wrapLauncher = rightBefore('WaitAssociated', async () => {
      const { world } = stage.aws;
      const { IamInstanceProfileAssociations: all } = await world.asRoot('ec2', DESCRIBE, {});
      const { AssociationId } = all.find(({ State }: { State: string }) => State === 'associating');
      await world.asRoot('ec2', 'DisassociateIamInstanceProfile', { AssociationId });
    });
    stage = await createStage({ wrapLauncher });
    const { error, cause, states, before, rest } = await undone(stage);
    expect(error).toBe('OriginalChanged');
    expect(cause).toContain('Somebody took the temp profile off');
    expect(states).not.toContain('SendScript');
    expect(rest).toEqual(before);
  });
});

describe('ProveIdentity', () => {
  test('never sees the temp role on the instance: IdentityNotProven, no script is started', async () => {
    const { calls, intercept } = watch('SendCommand');
    const stage = await createStage({ intercept });
    stage.aws.world.delays.imdsRefresh = 3_600_000;
    const { status, error, cause, before, rest } = await undone(stage);
    expect([status, error]).toEqual(['FAILED', 'IdentityNotProven']);
    expect(cause).toContain('saw app');
    expect(calls).toEqual([]);
    expect(rest).toEqual(before);
  });

  test('gets no answer from the agent: CommandUndeliverable, no script is started', async () => {
    const { calls, intercept } = watch('SendCommand');
    let stage: Stage;
    const wrapLauncher = rightBefore('ProveIdentity', async () => {
      stage.aws.world.ec2.instance(INSTANCE)!.agent.running = false;
    });
    stage = await createStage({ intercept, wrapLauncher });
    const { status, error, before, rest } = await undone(stage);
    expect([status, error]).toEqual(['FAILED', 'CommandUndeliverable']);
    expect(calls).toEqual([]);
    expect(rest).toEqual(before);
  });
});

test('a proof that succeeds without showing the role proves nothing: IdentityNotProven, no script is sent', async () => {
  const silent = { exitCode: 0, stdout: '', stderr: '' };
  const stage = await createStage({
    behaviour: ({ script }) => (script.includes('security-credentials') ? Promise.resolve(silent) : undefined),
  });
  const { error, states } = await undone(stage);
  expect(error).toBe('IdentityNotProven');
  expect(states).not.toContain('SendScript');
});
