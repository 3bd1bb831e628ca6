import type { Instance } from '@aws-sdk/client-ec2';
import { paginateListRoles, type Role } from '@aws-sdk/client-iam';
import { GetServiceSettingCommand } from '@aws-sdk/client-ssm';
import type { Original, Request } from '../../../state-machine/document';
import { StepUpError } from '../../../state-machine/errors';
import { type Attached, attachedTo } from '../../common/associations';
import { iso } from '../../common/clock';
import { findInstance } from '../../common/instance';
import type { Deps } from '../../common/lambda';
import { instancePath, isTempProfile, nameOf, parseExecution } from '../../common/names';
import { inTodaysLanguage } from '../../common/preflight/inheritanceChecks';
import { grantsOf } from '../../common/preflight/instanceChecks';
import {
  examine,
  type ManagedPolicy,
  once,
  type PreflightClients,
  readManaged,
  type Subject,
} from '../../common/preflight/subject';
import { parseRecord, readRole, type StoredRecord } from '../../common/record';
import { attachedPolicies, type InlinePolicy, inlinePolicies } from '../../common/rolePolicies';
import { elevationArn } from '../executions';
import { NotTold } from './examination';
import type { NamedPolicy } from './judgement';
import { type Meddler, meddlersOf } from './meddlers';

export type Dependencies = Deps<PreflightClients>;

/** An elevation that has the instance. */
export interface Busy {
  /** Of its role and profile. */
  name: string;
  profileArn: string;
  /** Undefined: its role is not there, or its tags cannot be read. */
  record: StoredRecord | undefined;
}

/** Default Host Management, as it is set in this region; no role: off. */
export interface HostManagement {
  role: string | undefined;
  since: Date | undefined;
}

/**
 * What the doctor looks at: what the preflight does, for the first grant that the instance can have, and more. Each question is
 * put to AWS once, when it is first asked. During an elevation the original is the recorded one.
 */
export interface Evidence extends Subject {
  instanceId: string;
  region: string;
  account: string;
  partition: string;
  /** As the tag has them; undefined: there is none. */
  enrolled: string[] | undefined;
  /** Of the catalogue: the enrolled ones, or all if none is. */
  grants: string[];
  /** What the instance carries now, be it a temp profile. */
  now(): Promise<Attached | undefined>;
  busy(): Promise<Busy | undefined>;
  hostManagement(): Promise<HostManagement>;
  /** Its role; undefined: off, or there is no such role. */
  hostRole(): Promise<Role | undefined>;
  /** Every policy of it. */
  hostPolicies(): Promise<NamedPolicy[]>;
  /** Every policy of the original's role. */
  policies(): Promise<NamedPolicy[]>;
  /** The permissions boundary of the original's role. */
  boundary(): Promise<NamedPolicy | undefined>;
  /** State Manager's associations that give this instance another profile, or its role other policies. */
  meddlers(): Promise<Meddler[]>;
  /** Names of the temp roles that were made for this instance, by any deployment. */
  tempRoles(): Promise<string[]>;
}

const HOST_ROLE = '/ssm/managed-instance/default-ec2-instance-management-role';
/** Its value while it is off: aws-facts-2 17.3. */
const NO_ROLE = '$None';
/** The grants to look at hang on the instance's tag: so long it is waited for, before the rest is asked without it. */
const FIRST_LOOK_MS = 4_000;
/** As long as the API makes a name: state-machine/requester.ts. */
const SOME_NAME = 'x'.repeat(53);

/**
 * @throws StepUpError InstanceNotFound. Where EC2 does not tell, nothing is known of the instance, and every answer says so.
 */
export async function gather(instanceId: string, deps: Dependencies): Promise<Evidence> {
  const { ec2, iam, ssm } = deps;
  const instance = once(() => findInstance(ec2, instanceId));
  const seen = await Promise.race([
    instance().then(
      (found) => found ?? notFound(instanceId),
      () => undefined,
    ),
    deps.clock.sleep(FIRST_LOOK_MS).then(() => undefined),
  ]);
  const now = once(() => attachedTo(ec2, instanceId));
  const busy = once(async () => busyWith(await now(), (await subject.markers())[0], deps));
  const attached = once(async () => originalNow(await now(), busy));
  const { enrolled, grants, request } = asked(instanceId, seen, deps);
  const Id = elevationArn(deps.config.elevationMachine, SOME_NAME);
  const { region, account, partition } = parseExecution(Id);
  const execution = { Id, StartTime: iso(deps.clock.now()) };
  const subject = examine(request, execution, deps, { instance, attached });
  const hostManagement = once(async () => {
    const { ServiceSetting = {} } = await ssm.send(new GetServiceSettingCommand({ SettingId: HOST_ROLE }));
    const { SettingValue: role = NO_ROLE, LastModifiedDate: since } = ServiceSetting;
    return { role: role === NO_ROLE ? undefined : role, since };
  });
  const hostRole = once(async () => {
    const { role } = await hostManagement();
    return role ? readRole(iam, nameOf(role)) : undefined;
  });
  return {
    ...subject,
    instanceId,
    region,
    account,
    partition,
    enrolled,
    grants,
    now,
    busy,
    hostManagement,
    hostRole,
    hostPolicies: once(async () => hostPoliciesOf((await hostRole())?.RoleName, deps)),
    policies: once(async () => named(await subject.managedPolicies(), await subject.inline())),
    boundary: once(async () => boundaryOf(subject, deps)),
    meddlers: once(async () => meddlersOf(ssm, instanceId, await instance())),
    tempRoles: once(() => listTempRoles(instanceId, deps)),
  };
}

const notFound = (instanceId: string): never => {
  throw new StepUpError(
    'InstanceNotFound',
    `There is no instance ${instanceId} in this region: check the id and the region.`,
  );
};

/** The default request for the first grant that can be asked for: it stands for every one. */
function asked(instanceId: string, instance: Instance | undefined, { catalogue }: Dependencies) {
  const enrolled = instance && grantsOf(instance);
  const all = Object.keys(catalogue.grants);
  const known = enrolled?.filter((name) => all.includes(name)) ?? [];
  const grants = known.length > 0 ? known : all;
  const request: Request = {
    instanceId,
    grant: known[0] ?? all[0] ?? 'none',
    work: { hold: {} },
    baseline: catalogue.inherit ? 'inherit' : 'core',
    waitForInstanceMinutes: 0,
  };
  return { enrolled, grants, request };
}

async function busyWith(
  now: Attached | undefined,
  marker: string | undefined,
  { iam }: Dependencies,
): Promise<Busy | undefined> {
  const profileArn = now && isTempProfile(now.profileArn) ? now.profileArn : marker;
  if (!profileArn) return undefined;
  const name = nameOf(profileArn);
  const role = await readRole(iam, name);
  return { name, profileArn, record: role && readable(role) };
}

function readable(role: Role): StoredRecord | undefined {
  try {
    return parseRecord(role);
  } catch {
    return undefined;
  }
}

/** What is attached, or what the elevation that has the instance will give back. */
async function originalNow(
  now: Attached | undefined,
  busy: () => Promise<Busy | undefined>,
): Promise<Attached | undefined> {
  if (!now || !isTempProfile(now.profileArn)) return now;
  const { record } = (await busy()) ?? {};
  if (!record)
    throw new NotTold('An elevation has the instance, and its record, which names the original, cannot be read.');
  return record.original ? { ...now, ...profileIn(record.original) } : undefined;
}

const profileIn = ({ profileArn, profileId }: Original) => ({ profileArn, profileId });

const named = (managed: ManagedPolicy[], inline: InlinePolicy[]): NamedPolicy[] => [
  ...managed.map(({ arn, document }) => ({ name: nameOf(arn), arn, document: inTodaysLanguage(document) })),
  ...inline.map(({ name, document }) => ({ name, document: inTodaysLanguage(JSON.parse(document)) })),
];

async function hostPoliciesOf(roleName: string | undefined, { iam }: Dependencies): Promise<NamedPolicy[]> {
  if (!roleName) return [];
  const arns = (await attachedPolicies(iam, roleName)).map(({ PolicyArn = '' }) => PolicyArn);
  return named(await readManaged(iam, arns), await inlinePolicies(iam, roleName));
}

async function boundaryOf(subject: Subject, { iam }: Dependencies): Promise<NamedPolicy | undefined> {
  const arn = (await subject.role())?.PermissionsBoundary?.PermissionsBoundaryArn;
  if (!arn) return undefined;
  // It may be attached, too, and is read then.
  const isAttached = (await subject.attachedPolicies()).includes(arn);
  const known = isAttached ? await subject.managedPolicies() : await readManaged(iam, [arn]);
  const read = known.find((policy) => policy.arn === arn);
  return read && { name: arn, arn, document: inTodaysLanguage(read.document) };
}

async function listTempRoles(instanceId: string, { iam }: Dependencies): Promise<string[]> {
  const names: string[] = [];
  for await (const { Roles = [] } of paginateListRoles({ client: iam }, { PathPrefix: instancePath(instanceId) })) {
    names.push(...Roles.map(({ RoleName = '' }) => RoleName));
  }
  return names;
}
