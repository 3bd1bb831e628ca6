import type { LocalAws } from '../../../local';
import type { World } from '../../../local/world';
import { makeProfile } from '../../support/deployed';
import { ceilingOf } from './arena';
import {
  ACCOUNT_TRUST,
  ADMINISTRATOR,
  EC2_TRUST,
  EVERYTHING,
  GRANTED,
  INSTANCES,
  LOOKS_LIKE_OURS,
  PROD,
  PROD2,
  policy,
  record,
  SECRET,
  TEMPS,
  TROJAN,
  tempPath,
} from './places';

/** Long enough for IAM to be the same everywhere. */
const PROPAGATED = 60_000;

/** Fills an account: the deployments, their surroundings, temp roles in every state. */
export async function furnish(aws: LocalAws, assemblies: string[]): Promise<void> {
  const { world } = aws;
  for (const assembly of assemblies) await aws.deploy(assembly);
  // Ceilings are found by a list.
  await world.clock.sleep(PROPAGATED);
  await makeProfile(aws, 'app');
  await makeProfile(aws, 'theirs');
  await makeProfile(aws, LOOKS_LIKE_OURS);
  await makeRoles(world);
  await makeTemps(world);
  await makeBuckets(world);
  await world.clock.sleep(PROPAGATED);
  addInstances(world);
  await world.clock.sleep(PROPAGATED);
}

async function makeRoles({ asRoot }: World): Promise<void> {
  const reachable = { RoleName: 'reachable', AssumeRolePolicyDocument: ACCOUNT_TRUST };
  await asRoot('iam', 'CreateRole', reachable);
  await asRoot('iam', 'AttachRolePolicy', { RoleName: 'reachable', PolicyArn: ADMINISTRATOR });
  const customer = { PolicyName: 'customer', PolicyDocument: policy({ Effect: 'Deny', Action: '*', Resource: '*' }) };
  await asRoot('iam', 'CreatePolicy', customer);
  await asRoot('iam', 'CreateUser', { UserName: 'victim' });
}

interface Temp {
  name: string;
  instanceId: string;
  deployment?: string;
  /** Without: neither ceiling nor record. */
  ceiling?: string;
  tags?: { Key: string; Value: string }[];
  profile?: 'full' | 'empty';
}

async function makeTemp(world: World, temp: Temp): Promise<void> {
  const { name, instanceId, deployment = PROD, ceiling, tags = [], profile } = temp;
  const Path = tempPath(instanceId, deployment);
  await world.asRoot('iam', 'CreateRole', {
    RoleName: name,
    Path,
    AssumeRolePolicyDocument: EC2_TRUST,
    PermissionsBoundary: ceiling,
    Tags: ceiling ? [...record(instanceId, deployment), ...tags] : tags,
  });
  if (!profile) return;
  const InstanceProfileName = name;
  await world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName, Path });
  if (profile === 'empty') return;
  await world.asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName, RoleName: name });
}

async function makeTemps(world: World): Promise<void> {
  const { elevated, enrolled, foreign, swapped, enrolledBare } = INSTANCES;
  const ceiling = await ceilingOf(world, PROD, 'inherit');
  const theirs = await ceilingOf(world, PROD2, 'inherit');
  const since = [{ Key: 'stepup:restoring-since', Value: '2026-01-05T09:00:00.000Z' }];
  await makeTemp(world, { name: TEMPS.open, instanceId: elevated, ceiling, profile: 'full' });
  await makeTemp(world, { name: TEMPS.closing, instanceId: enrolled, ceiling, tags: since, profile: 'full' });
  await makeTemp(world, { name: TEMPS.drained, instanceId: enrolled, ceiling, tags: since });
  await makeTemp(world, { name: TEMPS.spare, instanceId: enrolled, ceiling, profile: 'empty' });
  await makeTemp(world, { name: TEMPS.swapped, instanceId: swapped, ceiling, profile: 'full' });
  await makeTemp(world, { name: TEMPS.swappedBare, instanceId: enrolledBare, ceiling, profile: 'full' });
  await makeTemp(world, { name: TEMPS.naked, instanceId: enrolled });
  const outsider = { RoleName: 'outsider', AssumeRolePolicyDocument: EC2_TRUST, PermissionsBoundary: ceiling };
  await world.asRoot('iam', 'CreateRole', outsider);
  const other = { instanceId: foreign, deployment: PROD2, ceiling: theirs };
  await makeTemp(world, { name: TEMPS.foreign, ...other, profile: 'full' });
  const { naked: _, drained: __, ...granted } = TEMPS;
  for (const RoleName of Object.values(granted)) {
    const grant = { RoleName, PolicyName: 'stepup-grant', PolicyDocument: EVERYTHING };
    await world.asRoot('iam', 'PutRolePolicy', grant);
  }
  const trojan = { InstanceProfileName: TROJAN, Path: tempPath(enrolled) };
  await world.asRoot('iam', 'CreateInstanceProfile', trojan);
  await world.asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: TROJAN, RoleName: 'theirs' });
}

async function makeBuckets({ asRoot }: World): Promise<void> {
  for (const object of [GRANTED, SECRET]) {
    await asRoot('s3', 'CreateBucket', { Bucket: object.Bucket });
    await asRoot('s3', 'PutObject', { ...object, Body: 'content' });
  }
}

/** As `stepup:grants`, with a Cyrillic а. */
const LOOKALIKE = 'stepup:gr\u0430nts';

function addInstances({ ec2 }: World): void {
  const enrolled = { 'stepup:grants': 'run-remote-script' };
  const { plain, shouting, lookalike, foreign, bare, secondBare, elsewhere, enrolledBare, ...others } = INSTANCES;
  const { elevated, carrier, secondCarrier, ...ordinary } = others;
  for (const id of Object.values(ordinary)) ec2.addInstance({ id, tags: enrolled, profile: 'app' });
  for (const id of [elevated, carrier, secondCarrier]) ec2.addInstance({ id, tags: enrolled, profile: TEMPS.open });
  ec2.addInstance({ id: foreign, tags: enrolled, profile: TEMPS.foreign });
  ec2.addInstance({ id: shouting, tags: { 'STEPUP:GRANTS': 'run-remote-script' }, profile: 'app' });
  ec2.addInstance({ id: lookalike, tags: { [LOOKALIKE]: 'run-remote-script' }, profile: 'app' });
  ec2.addInstance({ id: plain, profile: 'theirs' });
  ec2.addInstance({ id: enrolledBare, tags: enrolled });
  for (const id of [bare, secondBare, elsewhere]) ec2.addInstance({ id });
}
