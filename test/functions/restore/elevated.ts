import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { expect } from '@jest/globals';
import type { Intercept } from '../../../local';
import type { Outcome } from '../../../state-machine/document';
import { createStage, INSTANCE, request, type Stage, type StageOptions } from '../../support/stage';
import { stateOf } from '../../support/worldState';
import { attachedNow, SETTLED, somebodyMakes } from '../worlds';

/** How an elevation comes to its end in a changed world: it fails on its own, or it is stopped and recovered. */
export const ENDS = ['its own Restore', 'a recovery'] as const;
export type End = (typeof ENDS)[number];

export interface Elevated {
  stage: Stage;
  run: string;
  /** Name of the temp role and profile. */
  temp: string;
}

/** An elevation in the middle of its script. */
export async function elevated(
  options: StageOptions = {},
  before?: (stage: Stage) => Promise<void>,
): Promise<Elevated> {
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

export interface Ended {
  status: string | undefined;
  error: string | undefined;
  cause: string;
  /** Of the last look. */
  outcome: Outcome;
  states: string[];
}

/** Lets the run end as it is asked to; returns the end of whatever restored. */
export async function end(
  stage: Stage,
  run: string,
  how: End,
  meanwhile?: (restoring: string) => Promise<void> | undefined,
): Promise<Ended> {
  if (how === 'a recovery') {
    await stage.during(stage.sfn.send(new StopExecutionCommand({ executionArn: run })));
    await stage.pass(30);
  }
  const [restoring = run] = await stage.recoveries();
  await meanwhile?.(restoring);
  const ended = await endOf(stage, restoring);
  await stage.pass(SETTLED);
  return ended;
}

export async function endOf(stage: Stage, restoring: string): Promise<Ended> {
  const { status, error, cause = '' } = await stage.ended(restoring);
  const states = await stage.states(restoring);
  return { status, error, cause, outcome: await lastOutcome(stage, restoring), states };
}

async function lastOutcome({ aws: { world } }: Stage, executionArn: string): Promise<Outcome> {
  const { events } = await world.asRoot('states', 'GetExecutionHistory', { executionArn, maxResults: 1_000 });
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's shape
  const exited = events.map((event: any) => event.stateExitedEventDetails).filter((it: any) => it?.name === 'Restore');
  return JSON.parse(exited.at(-1)?.output ?? '{}').outcome;
}

export async function expectNoGrantLeft(stage: Stage): Promise<void> {
  const { roles, running } = await stateOf(stage);
  for (const { inline } of Object.values(roles)) expect(inline).not.toContain('stepup-grant');
  // A command outlives in SSM's lists the instance that stopped under it; nothing runs there any more.
  const { state, startedAt } = stage.aws.world.ec2.instance(INSTANCE)!;
  if (state === 'running' && startedAt === undefined) expect(running).toBe(0);
}

/** An IAM administrator deletes a role with all that hangs on it; the profile stays. */
export async function deleteRole({ aws: { world } }: Stage, RoleName: string): Promise<void> {
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

const SHORT: Record<string, string> = {
  ReplaceIamInstanceProfileAssociation: 'Replace',
  AssociateIamInstanceProfile: 'Associate',
  DisassociateIamInstanceProfile: 'Disassociate',
};

/**
 * The changes of associations that Restore asks EC2 for, from `start` on: 'Replace', or 'Replace: CODE' if EC2 refused it.
 * The same several times in a row counts once; rehearsals, a profile by itself, do not count. And the roles and profiles
 * that it changes.
 */
export function recorder() {
  const asked: string[] = [];
  const touched = new Set<string>();
  let stage: Stage | undefined;
  const note = (what: string) => asked.at(-1) !== what && asked.push(what);
  const intercept: Intercept = async ({ service, operation, principal, input }, proceed) => {
    if (!stage || !principal.name?.endsWith('-restore')) return proceed();
    const { RoleName, InstanceProfileName } = input as Record<string, string | undefined>;
    if (service === 'iam' && !/^(Get|List)/.test(operation)) touched.add(RoleName ?? InstanceProfileName ?? operation);
    const name = SHORT[operation];
    if (!name) return proceed();
    const { IamInstanceProfile } = input as { IamInstanceProfile?: { Arn: string } };
    const attachment = stage.aws.world.ec2.attachment(INSTANCE);
    const has = attachment && 'profileArn' in attachment ? attachment.profileArn : undefined;
    if (name === 'Replace' && IamInstanceProfile?.Arn === has) return proceed();
    try {
      const answer = await proceed();
      note(name);
      return answer;
    } catch (error) {
      note(`${name}: ${(error as { code?: string }).code}`);
      throw error;
    }
  };
  const start = (on: Stage) => {
    stage = on;
  };
  return { asked, touched, intercept, start };
}
