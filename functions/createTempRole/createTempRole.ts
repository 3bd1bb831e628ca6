import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  type IAMClient,
  type InstanceProfile,
  PutRolePolicyCommand,
  type Role,
  type Tag,
} from '@aws-sdk/client-iam';
import { expiring } from '../../state-machine/catalogue';
import type { Original, Request, TaskEvent, TempRole } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import type { OutputLocation } from '../../state-machine/output';
import { isAws } from '../common/awsErrors';
import { iso } from '../common/clock';
import { findProfile } from '../common/instanceProfile';
import type { Deps } from '../common/lambda';
import { ceilingArn, type ExecutionId, nameOf, parseElevation, tempName, tempPath } from '../common/names';
import {
  CORE_POLICY,
  ceilingName,
  ec2Trust,
  GRANT_POLICY,
  grantPolicy,
  localise,
  requireCeiling,
  SSM_CORE_POLICIES,
} from '../common/policies';
import { poll } from '../common/poll';
import {
  parseRecord,
  RESERVED_TAGS,
  readRole,
  recordTags,
  requireFirstRun,
  type StoredRecord,
  stateOf,
} from '../common/record';
import { captureOf, patienceEnds, requestOf } from '../common/request';
import { requesterOf } from '../common/requester';
import { attachedPolicies, inlinePolicies } from '../common/rolePolicies';

type Dependencies = Deps<{ iam: IAMClient }>;

/**
 * What the grant may take besides the work: EC2 seeing the profile 3 min, associating it 5, the proof 3, delivery 1, a minute
 * before the end, and as much again for waits between looks.
 */
const MARGIN_MS = 15 * 60_000;

interface Plan {
  id: ExecutionId;
  started: string;
  request: Request;
  original: Original | null;
  instanceArn: string;
  durationMinutes: number;
  output: OutputLocation | null;
  name: string;
  path: string;
  boundary: string;
}

/**
 * Makes the temp role and its instance profile. The record is written with CreateRole itself: there is no moment at which
 * something exists that nobody could find and undo. Repeating it continues where it stopped.
 * @throws StepUpError ElevationClosed (redriven, or restoring has begun), TempRoleForeign, GrantNotFound
 */
export async function createTempRole(event: TaskEvent, deps: Dependencies): Promise<TempRole> {
  const { document, execution, state } = event;
  requireFirstRun(execution);
  const plan = makePlan(event, deps);
  const existing = await readRole(deps.iam, plan.name);
  const role = existing ?? (await createRole(plan, patienceEnds(plan.request, execution), deps));
  const { expires } = requireOwn(role, plan);
  const write = fenced(plan.name, deps);
  await addBaseline(plan, deps, write);
  const granted = grantPolicy(deps.catalogue, plan.request, plan.output);
  const grant = expiring(localise(granted, plan.id), expires);
  await write(() =>
    deps.iam.send(
      new PutRolePolicyCommand({
        RoleName: plan.name,
        PolicyName: GRANT_POLICY,
        PolicyDocument: JSON.stringify(grant),
      }),
    ),
  );
  const profile = await addProfile(plan, deps.iam, write);
  return {
    retried: (state.RetryCount ?? 0) > 0 || document.tempRole !== undefined,
    roleName: plan.name,
    roleArn: role.Arn as string,
    roleId: role.RoleId as string,
    profileArn: profile.Arn as string,
    profileId: profile.InstanceProfileId as string,
    expires,
  };
}

function makePlan({ document, execution }: TaskEvent, { catalogue, config }: Dependencies): Plan {
  const request = requestOf(document);
  const { original, instanceArn, durationMinutes, output } = captureOf(document);
  const id = parseElevation(execution.Id, config.deployment);
  return {
    id,
    started: execution.StartTime,
    request,
    original,
    instanceArn,
    durationMinutes,
    output,
    name: tempName(execution.Id),
    path: tempPath(request.instanceId, config.deployment),
    boundary: ceilingArn(id, config.deployment, ceilingName(config.ceilings, requireCeiling(catalogue, request))),
  };
}

async function createRole(plan: Plan, patienceEnd: number, { iam, clock }: Dependencies): Promise<Role> {
  const expires = iso(Math.max(clock.now(), patienceEnd) + plan.durationMinutes * 60_000 + MARGIN_MS);
  const record = recordTags({
    execution: plan.id.arn,
    started: plan.started,
    instanceArn: plan.instanceArn,
    original: plan.original,
    grant: plan.request.grant,
    requester: requesterOf(plan.request),
    expires,
  });
  const create = new CreateRoleCommand({
    RoleName: plan.name,
    Path: plan.path,
    AssumeRolePolicyDocument: ec2Trust(plan.id),
    PermissionsBoundary: plan.boundary,
    Description: `StepUp: grant ${plan.request.grant} for ${plan.request.instanceId}, see execution ${plan.id.name}`,
    Tags: [...record, ...(await inheritedTags(plan, iam))],
  });
  try {
    const { Role: role } = await iam.send(create);
    // CreateRole's answer has no boundary (aws-facts-2 18.1); the request was accepted with it or not at all.
    return { ...(role as Role), Tags: record, PermissionsBoundary: { PermissionsBoundaryArn: plan.boundary } };
  } catch (error) {
    // The SDK repeats a request whose answer was lost: then it is our own, which requireOwn checks.
    const existing = isAws(error, 'EntityAlreadyExists') ? await readRole(iam, plan.name) : undefined;
    if (existing) return existing;
    throw error;
  }
}

/** With `inherit`, conditions on aws:PrincipalTag go on as with the original role. */
async function inheritedTags({ request, original }: Plan, iam: IAMClient): Promise<Tag[]> {
  if (request.baseline !== 'inherit' || !original) return [];
  const role = await readRole(iam, nameOf(original.roleArn));
  return (role?.Tags ?? []).filter(({ Key }) => !RESERVED_TAGS.test(Key ?? ''));
}

/**
 * A role of our name is ours only if everything agrees that another hand would not know to write.
 * @throws StepUpError TempRoleForeign, ElevationClosed
 */
function requireOwn(role: Role, plan: Plan) {
  const record = readOwn(role);
  const trust = JSON.stringify(JSON.parse(decodeURIComponent(role.AssumeRolePolicyDocument ?? 'null')));
  const agrees =
    role.Path === plan.path &&
    record?.execution === plan.id.arn &&
    record.started === plan.started &&
    record.instanceArn === plan.instanceArn &&
    role.PermissionsBoundary?.PermissionsBoundaryArn === plan.boundary &&
    trust === ec2Trust(plan.id);
  if (!record || !agrees) {
    throw new StepUpError(
      'TempRoleForeign',
      `Role ${plan.name} exists and is not this elevation's: find out who made it. It was left alone.`,
    );
  }
  if (record.state !== 'open') {
    throw new StepUpError(
      'ElevationClosed',
      `This elevation is ${record.state} already: nothing may be added to its role. Start a new one.`,
    );
  }
  return record;
}

/** @returns undefined when the role has no record that could be read: createTempRole would have written one */
function readOwn(role: Role): StoredRecord | undefined {
  try {
    return parseRecord(role);
  } catch (error) {
    if (error instanceof StepUpError && error.name === 'RecordTampered') return undefined;
    throw error;
  }
}

type Write = <T>(write: () => Promise<T>) => Promise<T>;

/**
 * Reads the record right before each write; rides out IAM not showing a role that was made a moment ago (aws-facts-2 18.1).
 */
const fenced =
  (roleName: string, { iam, clock }: Dependencies): Write =>
  async (write) => {
    let missing: unknown;
    const answer = await poll(clock, async () => {
      const role = await readRole(iam, roleName);
      if (!role) return undefined;
      const { state } = stateOf(role);
      if (state !== 'open')
        throw new StepUpError(
          'ElevationClosed',
          `This elevation is ${state}: its role is not added to any more. Start a new one.`,
        );
      try {
        return { value: await write() };
      } catch (error) {
        if (!isAws(error, 'NoSuchEntity')) throw error;
        missing = error;
        return undefined;
      }
    });
    if (answer) return answer.value;
    throw (
      missing ??
      new StepUpError('ElevationClosed', `Role ${roleName} has gone: somebody deleted it. Start a new elevation.`)
    );
  };

async function addBaseline(
  { request, original, name, id }: Plan,
  { iam, catalogue }: Dependencies,
  write: Write,
): Promise<void> {
  const inherited = request.baseline === 'inherit' && original ? nameOf(original.roleArn) : undefined;
  const attached = inherited ? await attachedPolicies(iam, inherited) : [];
  for (const { PolicyArn } of attached) {
    await write(() => iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn })));
  }
  for (const policy of inherited ? await inlinePolicies(iam, inherited) : []) {
    await write(() =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName: name,
          PolicyName: inheritedName(policy.name),
          PolicyDocument: policy.document,
        }),
      ),
    );
  }
  if (attached.some(({ PolicyName }) => SSM_CORE_POLICIES.includes(PolicyName ?? ''))) return;
  const core = JSON.stringify(localise(catalogue.core, id));
  await write(() =>
    iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: CORE_POLICY, PolicyDocument: core })),
  );
}

/** An original policy that is called like one of ours gets another name: ours is deleted by its name. */
const inheritedName = (name: string): string =>
  name === GRANT_POLICY || name === CORE_POLICY ? `inherited-${name}` : name;

async function addProfile({ name, path }: Plan, iam: IAMClient, write: Write): Promise<InstanceProfile> {
  const profile = await write(() => ensureProfile(iam, name, path));
  if (profile.Roles?.some(({ RoleName }) => RoleName === name)) return profile;
  await write(async () => {
    try {
      await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
    } catch (error) {
      // aws-facts 2.3: adding the same role a second time is LimitExceeded; whose role it is was checked above.
      const now = isAws(error, 'LimitExceeded') ? await findProfile(iam, name) : undefined;
      if (!now?.Roles?.some(({ RoleName }) => RoleName === name)) throw error;
    }
  });
  return profile;
}

async function ensureProfile(iam: IAMClient, name: string, path: string): Promise<InstanceProfile> {
  const profile = (await findProfile(iam, name)) ?? (await createProfile(iam, name, path));
  if (profile.Path === path) return profile;
  throw new StepUpError(
    'TempRoleForeign',
    `Instance profile ${name} exists under ${profile.Path}: find out who made it. It was left alone.`,
  );
}

async function createProfile(iam: IAMClient, name: string, path: string): Promise<InstanceProfile> {
  try {
    const create = new CreateInstanceProfileCommand({ InstanceProfileName: name, Path: path });
    return (await iam.send(create)).InstanceProfile as InstanceProfile;
  } catch (error) {
    // As with the role: the SDK repeats a request whose answer was lost.
    const existing = isAws(error, 'EntityAlreadyExists') ? await findProfile(iam, name) : undefined;
    if (existing) return existing;
    throw error;
  }
}
