import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import type { FunctionDefinition } from '../../local/world';
import { ASSEMBLY } from '../support/deployed';
import { folderOf } from '../support/inProcess';
import { bundledRelease, grantsFolder } from '../support/release';
import { createStage, request, type Stage } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';

/** The next release: one grant says something else, the other is gone, and nothing is inherited any more. */
let NEXT: string;
beforeAll(() => {
  const folder = grantsFolder((name, grant) =>
    name === 'run-remote-script'
      ? { ...grant, description: 'Another one.', parameters: { ...grant.parameters, bucket: 'another-bucket' } }
      : undefined,
  );
  NEXT = bundledRelease({ grantsFolder: folder, inherit: false });
}, 60_000);

interface Invoked {
  fn: string;
  version: string | undefined;
  release: 'old' | 'new';
  execution: string | undefined;
}

interface Upgraded extends Stage {
  invoked: Invoked[];
  /** Lets time pass until the run has entered a state. */
  reaches(run: string, state: string): Promise<void>;
  upgrade(): Promise<void>;
  stop(run: string): Promise<void>;
}

async function createUpgraded(next = NEXT): Promise<Upgraded> {
  const invoked: Invoked[] = [];
  const note = ({ name, version, code }: FunctionDefinition, event: unknown) => {
    const { execution } = event as { execution?: { Id: string } };
    const release = code.startsWith(ASSEMBLY) ? 'old' : 'new';
    invoked.push({ fn: folderOf(name), version, release, execution: execution?.Id });
  };
  const stage = await createStage({
    wrapLauncher: ({ launch }) => ({
      launch: (fn, environment) => {
        const { invoke, close } = launch(fn, environment);
        return {
          close,
          invoke: (event, context) => {
            note(fn, event);
            return invoke(event, context);
          },
        };
      },
    }),
  });
  const entered = new Set<string>();
  let onEntered = () => {};
  stage.aws.world.states.onEntered = (run, state) => {
    entered.add(`${run} ${state}`);
    onEntered();
  };
  const enters = (run: string, state: string) =>
    new Promise<void>((resolve) => {
      onEntered = () => {
        if (entered.has(`${run} ${state}`)) resolve();
      };
      onEntered();
    });
  return {
    ...stage,
    invoked,
    reaches: (run, state) => stage.during(enters(run, state)),
    upgrade: () => stage.during(stage.aws.deploy(next)),
    stop: async (executionArn) => {
      await stage.during(stage.sfn.send(new StopExecutionCommand({ executionArn })));
    },
  };
}

/** Which releases' functions an execution has called. */
const releasesOf = ({ invoked }: Upgraded, run: string | undefined) => [
  ...new Set(invoked.filter(({ execution }) => execution === run).map(({ release }) => release)),
];

const work = { shell: ['sleep 600', 'echo done'] };

describe('a run that an upgrade meets', () => {
  test.each([
    ...['CaptureProfile', 'RehearseUndo', 'CreateTempRole', 'SwapProfile', 'WaitAssociated', 'ProveIdentity'],
    ...['SendScript', 'AwaitScript', 'WaitForScript', 'Restore', 'Outcome'],
  ])('in %s ends as its own release has it', async (state) => {
    const stage = await createUpgraded();
    const before = await stateOf(stage);
    const run = await stage.start(request(work));
    await stage.reaches(run, state);
    await stage.upgrade();
    const { status, output } = await stage.ended(run);
    expect([status, JSON.parse(output ?? '{}').script?.stdout]).toEqual(['SUCCEEDED', 'done\n']);
    expect(releasesOf(stage, run)).toEqual(['old']);
    await stage.pass(120);
    expect(withoutDraining(await stateOf(stage)).rest.associations).toEqual(before.associations);
  });

  test('while it waits for the instance is done with the grant that it asked for, although that is gone', async () => {
    const stage = await createUpgraded();
    const before = await stateOf(stage);
    const first = await stage.start(request(work));
    await stage.reaches(first, 'AwaitScript');
    const patient = { grant: 'read-bucket-prefix', waitForInstanceMinutes: 120 };
    const waiting = await stage.start(request(work, patient));
    await stage.reaches(waiting, 'WaitForInstance');
    await stage.upgrade();
    expect([(await stage.ended(first)).status, (await stage.ended(waiting)).status]).toEqual([
      'SUCCEEDED',
      'SUCCEEDED',
    ]);
    expect(releasesOf(stage, waiting)).toEqual(['old']);
    const { status, error } = await stage.ended(await stage.start(request(work, patient)));
    expect([status, error]).toEqual(['FAILED', 'GrantNotFound']);
    await stage.pass(120);
    expect(withoutDraining(await stateOf(stage)).rest.associations).toEqual(before.associations);
  });

  test.each(['CreateTempRole', 'WaitAssociated', 'AwaitScript'])(
    'and that is stopped in %s is recovered by the new release',
    async (state) => {
      const stage = await createUpgraded();
      const before = await stateOf(stage);
      const run = await stage.start(request(work));
      await stage.reaches(run, state);
      await stage.upgrade();
      await stage.pass(2);
      await stage.stop(run);
      await stage.pass(900);
      const [recovery] = await stage.recoveries();
      expect(releasesOf(stage, recovery)).toEqual(['new']);
      const { rest, draining } = withoutDraining(await stateOf(stage));
      expect(rest.associations).toEqual(before.associations);
      for (const { inline } of Object.values(draining)) expect(inline).not.toContain('stepup-grant');
    },
  );

  test('after its end has its role deleted by the new release, when it has drained', async () => {
    const stage = await createUpgraded();
    const before = await stateOf(stage);
    await stage.ended(await stage.start(request(work)));
    await stage.pass(120);
    await stage.upgrade();
    expect(Object.keys(withoutDraining(await stateOf(stage)).draining)).toHaveLength(1);
    const upgraded = stage.invoked.length;
    await stage.pass(8 * 3600);
    const sweeps = stage.invoked.slice(upgraded).filter(({ fn }) => fn === 'sweep');
    expect(new Set(sweeps.map(({ release }) => release))).toEqual(new Set(['new']));
    const { roles, associations } = await stateOf(stage);
    expect([Object.keys(roles), associations]).toEqual([Object.keys(before.roles), before.associations]);
  });
});

test('what a run of the former release may do no more, it fails at, and is undone', async () => {
  const narrowed = grantsFolder((_, grant) => ({ ...grant, documents: ['AWS-RunRemoteScript'] }));
  const stage = await createUpgraded(bundledRelease({ grantsFolder: narrowed }));
  const before = await stateOf(stage);
  const run = await stage.start(request(work));
  await stage.reaches(run, 'WaitAssociated');
  await stage.upgrade();
  const { status, error, cause } = await stage.ended(run);
  expect([status, error]).toEqual(['FAILED', 'AwsAccessDenied']);
  expect(cause).toContain('ssm:SendCommand');
  await stage.pass(120);
  expect(withoutDraining(await stateOf(stage)).rest.associations).toEqual(before.associations);
}, 60_000);

test('the new release grants what its own catalogue says', async () => {
  const stage = await createUpgraded();
  await stage.upgrade();
  const run = await stage.start(request(work, { baseline: 'core' }));
  await stage.reaches(run, 'AwaitScript');
  const role = { RoleName: tempName(run), PolicyName: 'stepup-grant' };
  const { PolicyDocument } = await stage.aws.world.asRoot('iam', 'GetRolePolicy', role);
  expect(decodeURIComponent(PolicyDocument)).toContain('another-bucket');
  expect((await stage.ended(run)).status).toBe('SUCCEEDED');
  expect(releasesOf(stage, run)).toEqual(['new']);
});
