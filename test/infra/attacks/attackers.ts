import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FUNCTION_NAMES } from '../../../infra/permissions';
import type { Credentials, World } from '../../../local/world';
import type { Attacker } from './cell';
import { ACCOUNT_TRUST, EVERYTHING, functionName, INSTANCES, machine, PROD, PROD2, policy } from './places';

const PAGE = join(__dirname, '..', '..', '..', 'docs', 'security.md');

/** What stands in the documentation for the API's id. */
const API_IN_DOCS = 'a1b2c3d4e5';
/** The instance that the policies there name. */
const INSTANCE_IN_DOCS = 'i-0123456789abcdef0';

/**
 * A policy as docs/security.md gives it: the first JSON below a heading, for the deployment and account of the arena.
 * @param apiId of the deployment
 */
export function policyInDocs(heading: string, apiId = API_IN_DOCS): string {
  const [, section = ''] = readFileSync(PAGE, 'utf8').split(new RegExp(`\n###+ ${heading}\n`));
  const [, json] = /```json\n(.*?)```/s.exec(section) ?? [];
  if (!json) throw new Error(`docs/security.md has no policy under '${heading}'`);
  return JSON.stringify(
    JSON.parse(
      json
        .replaceAll('StepUp-us-east-1', PROD)
        .replaceAll(API_IN_DOCS, apiId)
        .replaceAll(INSTANCE_IN_DOCS, INSTANCES.enrolled),
    ),
  );
}

const TAGS = policy({ Effect: 'Allow', Action: ['ec2:CreateTags', 'ec2:DeleteTags'], Resource: '*' });

/** Users: what each may. */
const USERS: Partial<Record<Attacker, (apiId: string) => string[]>> = {
  'a requester': (apiId) => [policyInDocs('One grant on one instance', apiId)],
  'who may start elevations': () => [policyInDocs('Who may start elevations')],
  'who may start the recovery machine': () => [
    policy({ Effect: 'Allow', Action: 'states:StartExecution', Resource: machine(`${PROD}-recovery`) }),
  ],
  'who may tag instances': () => [TAGS],
  'who may tag instances, under the SCP': () => [TAGS, policyInDocs('Who may enrol')],
};

/** Roles that people assume: their names, and what each may. */
const ROLES: Partial<Record<Attacker, { name: string; policies: () => string[] }>> = {
  'the enrolment role, under the SCP': { name: 'enrolment', policies: () => [TAGS, policyInDocs('Who may enrol')] },
  'an administrator': { name: 'administrator', policies: () => [EVERYTHING] },
};

/** Id of a deployment's API, as its URL has it. */
export async function apiOf(asRoot: World['asRoot'], deployment: string): Promise<string> {
  const { Parameter } = await asRoot('ssm', 'GetParameter', { Name: `/stepup/${deployment}/api` });
  return new URL(Parameter.Value).hostname.split('.')[0] as string;
}

const userName = (who: Attacker) => who.replace(/\W+/g, '-');

/** Makes the people. */
export async function bringPeople({ asRoot }: World): Promise<void> {
  const apiId = await apiOf(asRoot, PROD);
  for (const [who, policies] of Object.entries(USERS)) {
    const UserName = userName(who as Attacker);
    await asRoot('iam', 'CreateUser', { UserName });
    for (const [at, PolicyDocument] of policies(apiId).entries()) {
      await asRoot('iam', 'PutUserPolicy', { UserName, PolicyName: `policy-${at}`, PolicyDocument });
    }
  }
  for (const { name: RoleName, policies } of Object.values(ROLES)) {
    await asRoot('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: ACCOUNT_TRUST });
    for (const [at, PolicyDocument] of policies().entries()) {
      await asRoot('iam', 'PutRolePolicy', { RoleName, PolicyName: `policy-${at}`, PolicyDocument });
    }
  }
}

const HALF_A_DAY = 12 * 3_600_000;

const SCRIPTS: Partial<Record<Attacker, string>> = {
  'a script with core': INSTANCES.core,
  'a script with inherit': INSTANCES.inherit,
  'temp credentials on another instance': INSTANCES.elsewhere,
};

/** The credentials that somebody has now: of a function's own role, from the metadata service, of a user. */
export async function credentialsOf(world: World, who: Attacker): Promise<Credentials> {
  if (USERS[who]) return keyOf(world, userName(who));
  const instance = SCRIPTS[who];
  if (instance) return delivered(world, instance);
  const roleName = ROLES[who]?.name ?? roleOf(who);
  return world.iam.issueSession({ roleName, sessionName: 'mallory', lifetime: HALF_A_DAY });
}

/** @throws Error when it is nobody's role */
function roleOf(who: Attacker): string {
  const [, kind] = /^the (elevation|recovery) machine$/.exec(who) ?? [];
  const [, other] = /^other:(\w+)$/.exec(who) ?? [];
  const names: readonly string[] = FUNCTION_NAMES;
  if (kind) return `${PROD}-${kind}`;
  if (who === 'the schedules') return `${PROD}-schedules`;
  if (!names.includes(other ?? who)) throw new Error(`Nobody is ${who}`);
  return other ? functionName(other, PROD2) : functionName(who);
}

async function keyOf({ asRoot, iam, clock, delays }: World, UserName: string): Promise<Credentials> {
  const { AccessKey } = await asRoot('iam', 'CreateAccessKey', { UserName });
  while (!iam.accessKey(AccessKey.AccessKeyId)) await clock.sleep(delays.iamPropagation);
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
  return { accessKeyId, secretAccessKey } as Credentials;
}

/** @throws Error when the instance has none */
export function delivered({ imds }: World, instanceId: string): Credentials {
  const { credentials } = imds.credentials(instanceId) ?? {};
  if (!credentials) throw new Error(`${instanceId} is given no credentials`);
  return credentials;
}
