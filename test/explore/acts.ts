import type { GetExecutionHistoryOutput } from '@aws-sdk/client-sfn';
import { tempName } from '../../functions/common/names';
import { INSTANCE } from '../support/deployed';
import type { Arena } from './arena';
import type { Director } from './director';

/** Where an act happens: in which run, and in which of its states. */
export interface Scene {
  arena: Arena;
  director: Director;
  run: string;
  place: string;
}

type Act = (scene: Scene) => Promise<unknown>;

const MINUTE_MS = 60_000;

/** What people, and the world, may do to a run, its instance and its profile at any moment. */
export const ACTS: Record<string, Act> = {
  stop: (scene) => done(scene, 'stop', () => stop(scene)),
  expire: (scene) => done(scene, 'expire', async () => scene.arena.world.states.expire(executionOf(scene))),
  'expire-unheard': async (scene) => {
    scene.director.tell(scene.run, []);
    await done(scene, 'expire', async () => scene.arena.world.states.expire(executionOf(scene)));
  },
  'redrive-soon': (scene) => redriveAfter(scene, 5_000),
  'redrive-late': (scene) => redriveAfter(scene, 20 * MINUTE_MS),
  'event-lost': (scene) => stopAndTell(scene, []),
  'event-doubled': (scene) => stopAndTell(scene, [0, 3_000]),
  'event-late': (scene) => stopAndTell(scene, [40 * MINUTE_MS]),

  release: async (scene) => {
    const token = await tokenOf(scene);
    if (token) await done(scene, 'release', () => release(scene, token));
  },

  stops: (scene) => done(scene, 'stops', async () => scene.arena.world.ec2.stopInstance(INSTANCE)),
  hibernates: (scene) =>
    done(scene, 'hibernates', async () => scene.arena.world.ec2.stopInstance(INSTANCE, { hibernate: true })),
  terminates: (scene) => done(scene, 'terminates', async () => scene.arena.world.ec2.terminateInstance(INSTANCE)),
  restarts: async (scene) => {
    const { ec2 } = scene.arena.world;
    await done(scene, 'stops', async () => ec2.stopInstance(INSTANCE));
    await scene.arena.clock.sleep(2 * MINUTE_MS);
    await done(scene, 'starts', async () => ec2.startInstance(INSTANCE));
  },
  'agent-offline': (scene) =>
    done(scene, 'agent-offline', async () => {
      const instance = scene.arena.world.ec2.instance(INSTANCE);
      if (instance) instance.agent.running = false;
    }),
  untagged: (scene) =>
    done(scene, 'untagged', () =>
      scene.arena.byHand('ec2', 'DeleteTags', { Resources: [INSTANCE], Tags: [{ Key: 'stepup:grants' }] }),
    ),

  replaced: (scene) => insist(scene, 'replaced', () => replace(scene)),
  removed: (scene) => insist(scene, 'removed', () => disassociate(scene)),
  reattached: async (scene) => {
    await insist(scene, 'removed', () => disassociate(scene));
    await insist(scene, 'reattached', () =>
      scene.arena.byHand('ec2', 'AssociateIamInstanceProfile', {
        InstanceId: INSTANCE,
        IamInstanceProfile: { Name: 'other' },
      }),
    );
  },
  'original-deleted': (scene) => done(scene, 'original-deleted', () => deleteProfile(scene)),
  'original-recreated': async (scene) => {
    await done(scene, 'original-deleted', () => deleteProfile(scene));
    await done(scene, 'original-recreated', () => createProfile(scene));
  },

  'original-returns': async (scene) => {
    await done(scene, 'original-deleted', () => deleteProfile(scene));
    await scene.arena.clock.sleep(90 * MINUTE_MS);
    await done(scene, 'original-recreated', () => createProfile(scene));
  },
  'record-changed': (scene) =>
    done(scene, 'record-changed', () =>
      writeOriginal(scene, `${OTHER} AIPAOTHER arn:aws:iam::123456789012:role/other AROAOTHER`),
    ),
  'record-unreadable': (scene) => done(scene, 'record-unreadable', () => writeOriginal(scene, 'unknown')),
  'role-deleted': (scene) => done(scene, 'role-deleted', () => deleteRole(scene)),
  elsewhere: (scene) => done(scene, 'elsewhere', () => useElsewhere(scene)),
};

/** Notes that it was done, or that AWS refused it. */
async function done({ arena }: Scene, what: string, act: () => Promise<unknown>): Promise<boolean> {
  const at = arena.clock.now();
  const succeeded = await act().then(
    () => true,
    () => false,
  );
  arena.trace.acts.push({ at, what, done: succeeded });
  return succeeded;
}

/** As people do when EC2 says that it is not ready yet: for half a minute. */
async function insist(scene: Scene, what: string, act: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; tries <= 10; tries += 1) {
    if (await done(scene, what, act)) return;
    await scene.arena.clock.sleep(3_000);
  }
}

/** In the recovery machine the recovery is meant. */
function executionOf({ arena, run, place }: Scene): string {
  const recovery = arena.trace.recoveries.findLast(({ name }) => name.startsWith(run));
  return place.startsWith('recovery:') && recovery ? recovery.arn : arena.execution(run);
}

const stop = (scene: Scene) =>
  scene.arena.byHand('states', 'StopExecution', {
    executionArn: executionOf(scene),
    error: 'Person',
    cause: 'by hand',
  });

/** Of the hold that begins: the history has it by the time that the function has answered. */
async function tokenOf({ arena, run }: Scene): Promise<string | undefined> {
  await arena.clock.sleep(20_000);
  const { events } = await arena.byHand<GetExecutionHistoryOutput>('states', 'GetExecutionHistory', {
    executionArn: arena.execution(run),
    reverseOrder: true,
    maxResults: 100,
  });
  const parameters = events?.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails?.parameters;
  return parameters && JSON.parse(parameters).Payload.token;
}

const release = ({ arena }: Scene, taskToken: string) => {
  const released = { by: 'a person', at: new Date(arena.clock.now()).toISOString() };
  return arena.byHand('states', 'SendTaskSuccess', { taskToken, output: JSON.stringify({ released }) });
};

async function redriveAfter(scene: Scene, ms: number): Promise<void> {
  const executionArn = executionOf(scene);
  await done(scene, 'stop', () => stop(scene));
  await scene.arena.clock.sleep(ms);
  await done(scene, 'redrive', () => scene.arena.byHand('states', 'RedriveExecution', { executionArn }));
}

async function stopAndTell(scene: Scene, delays: number[]): Promise<void> {
  scene.director.tell(scene.run, delays);
  await done(scene, 'stop', () => stop(scene));
}

async function associationId({ arena }: Scene): Promise<string> {
  const { IamInstanceProfileAssociations: all } = await arena.byHand<{
    IamInstanceProfileAssociations: { AssociationId: string; InstanceId: string; State: string }[];
  }>('ec2', 'DescribeIamInstanceProfileAssociations', {});
  const active = all.find(
    ({ InstanceId, State }) => InstanceId === INSTANCE && (State === 'associated' || State === 'associating'),
  );
  if (!active) throw new Error('The instance has no profile');
  return active.AssociationId;
}

const replace = async (scene: Scene) =>
  scene.arena.byHand('ec2', 'ReplaceIamInstanceProfileAssociation', {
    AssociationId: await associationId(scene),
    IamInstanceProfile: { Name: 'other' },
  });

const disassociate = async (scene: Scene) =>
  scene.arena.byHand('ec2', 'DisassociateIamInstanceProfile', { AssociationId: await associationId(scene) });

const NAME = { InstanceProfileName: 'app' };

async function deleteProfile({ arena }: Scene): Promise<void> {
  await arena.byHand('iam', 'RemoveRoleFromInstanceProfile', { ...NAME, RoleName: 'app' });
  await arena.byHand('iam', 'DeleteInstanceProfile', NAME);
}

async function createProfile({ arena }: Scene): Promise<void> {
  await arena.byHand('iam', 'CreateInstanceProfile', NAME);
  await arena.byHand('iam', 'AddRoleToInstanceProfile', { ...NAME, RoleName: 'app' });
}

const OTHER = 'arn:aws:iam::123456789012:instance-profile/other';
const tempRole = ({ arena, run }: Scene) => ({ RoleName: tempName(arena.execution(run)) });

const writeOriginal = (scene: Scene, Value: string) =>
  scene.arena.byHand('iam', 'TagRole', { ...tempRole(scene), Tags: [{ Key: 'stepup:original', Value }] });

/** As the console does it: out of its profile, without its policies. */
async function deleteRole(scene: Scene): Promise<void> {
  const { arena } = scene;
  const role = tempRole(scene);
  const { PolicyNames } = await arena.byHand<{ PolicyNames: string[] }>('iam', 'ListRolePolicies', role);
  for (const PolicyName of PolicyNames) await arena.byHand('iam', 'DeleteRolePolicy', { ...role, PolicyName });
  const { AttachedPolicies } = await arena.byHand<{ AttachedPolicies: { PolicyArn: string }[] }>(
    'iam',
    'ListAttachedRolePolicies',
    role,
  );
  for (const { PolicyArn } of AttachedPolicies) await arena.byHand('iam', 'DetachRolePolicy', { ...role, PolicyArn });
  const inProfile = { ...role, InstanceProfileName: role.RoleName };
  await arena.byHand('iam', 'RemoveRoleFromInstanceProfile', inProfile).catch(() => undefined);
  await arena.byHand('iam', 'DeleteRole', role);
}

/** Somebody puts the temp profile on an instance of his, and calls with what its metadata service hands out. */
async function useElsewhere(scene: Scene): Promise<void> {
  const { iam } = scene.arena.world;
  const { accessKeyId } = iam.issueSession({
    roleName: tempRole(scene).RoleName,
    sessionName: 'i-0fedcba9876543210',
    lifetime: 60 * MINUTE_MS,
    sourceInstanceArn: 'arn:aws:ec2:us-east-1:123456789012:instance/i-0fedcba9876543210',
  });
  const principal = iam.accessKey(accessKeyId)?.principal;
  const allowed = principal && iam.evaluate(principal, 'ssm:UpdateInstanceInformation', '*').allowed;
  if (!allowed) throw new Error('IAM denied it');
}
