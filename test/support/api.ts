import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { LocalAws } from '../../local';
import type { HttpRequest } from '../../local/world';
import type { Stage } from './stage';

export interface Asked {
  headers?: Record<string, string>;
  /** A text as it is, or what becomes JSON. */
  body?: unknown;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  /** JSON parsed; else the text. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  body: any;
}

export interface Caller {
  /** @param path below the stage, percent-encoded, with its query string */
  request(method: string, path: string, asked?: Asked): Promise<Answer>;
}

export interface Api extends Caller {
  /** Requests signed with these credentials. */
  as(credentials: AwsCredentialIdentity): Caller;
  /** The same, not waited for by virtual time: for many at once, inside of one `stage.during`. */
  unwaited(credentials?: AwsCredentialIdentity): Promise<Caller>;
}

/** May use every route: what a requester of everything would have. */
const REQUESTER = 'requester';
const EVERYTHING = { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: 'arn:aws:execute-api:*:*:*/v1/*' };
const HALF_A_DAY = 12 * 3_600_000;

const documentOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

/** Makes a role that people assume, with an inline policy; returns a session of it, of whom its name says. */
export async function makeRequester(
  { world }: Pick<LocalAws, 'world'>,
  RoleName: string,
  policy: string,
  sessionName = 'jane',
): Promise<AwsCredentialIdentity> {
  const trust = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${world.account}:root` }, Action: 'sts:AssumeRole' };
  await world.asRoot('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: documentOf(trust) });
  await world.asRoot('iam', 'PutRolePolicy', { RoleName, PolicyName: 'requests', PolicyDocument: policy });
  await world.clock.sleep(world.delays.iamPropagation);
  const { expiration: _, ...credentials } = world.iam.issueSession({
    roleName: RoleName,
    sessionName,
    lifetime: HALF_A_DAY,
  });
  return credentials;
}

/** The stage's API, asked in this process; by default as a role of its own that may use all of it. */
export function api({ aws, during }: Pick<Stage, 'aws' | 'during'>): Api {
  let own: Promise<AwsCredentialIdentity> | undefined;
  const ownCredentials = () => {
    own ??= makeRequester(aws, REQUESTER, documentOf(EVERYTHING));
    return own;
  };
  const ask = async (credentials: () => Promise<AwsCredentialIdentity>, ...asked: Parameters<Caller['request']>) =>
    read(await aws.world.apiGateway.answer(await signed(aws, await credentials(), ...asked)));
  const waited = (credentials: () => Promise<AwsCredentialIdentity>): Caller => ({
    request: (...asked) => during(ask(credentials, ...asked)),
  });
  return {
    ...waited(ownCredentials),
    as: (credentials) => waited(async () => credentials),
    unwaited: async (credentials) => {
      const known = credentials ?? (await ownCredentials());
      return { request: (...asked) => ask(async () => known, ...asked) };
    },
  };
}

/** Otherwise than an SDK does it. */
interface Scope {
  service?: string;
  region?: string;
  uriEscapePath?: boolean;
  /** Headers that are sent, and not signed. */
  leftOut?: string[];
}

/** A request to the account's first stage, as an SDK would sign it. */
export async function signed(
  { world }: Pick<LocalAws, 'world'>,
  credentials: AwsCredentialIdentity,
  method: string,
  path: string,
  { headers = {}, body }: Asked = {},
  { leftOut, ...scope }: Scope = {},
): Promise<HttpRequest> {
  const { host, stage } = firstStage(world, headers.host);
  const [below = '', ...rest] = path.split('?');
  const query = rest.join('?');
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const json = text !== undefined && { 'content-type': 'application/json' };
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const sent: Record<string, string> = { host, ...json, ...Object.fromEntries(lower) };
  const signer = new SignatureV4({
    ...{ service: 'execute-api', region: world.region, credentials, sha256: Sha256, ...scope },
  });
  const wire = { method, path: `/${stage}${below}`, headers: sent, body: text, query: pairsOf(query) };
  const toSign = { ...wire, protocol: 'https:', hostname: sent.host as string };
  const signing = { signingDate: new Date(world.clock.now()), unsignableHeaders: leftOut && new Set(leftOut) };
  const request = await signer.sign(toSign, signing);
  return { ...wire, query, headers: request.headers, body: new Uint8Array(Buffer.from(text ?? '')) };
}

function pairsOf(query: string): Record<string, string[]> {
  const given = new URLSearchParams(query);
  return Object.fromEntries([...given.keys()].map((name) => [name, given.getAll(name)]));
}

/** @param host default: that of the account's first API */
function firstStage({ apiGateway, region }: LocalAws['world'], host?: string) {
  const [first] = apiGateway.stages().filter(({ apiId }) => !host || host.startsWith(`${apiId}.`));
  if (!first) throw new Error('The account has no API');
  return { host: `${first.apiId}.execute-api.${region}.amazonaws.com`, stage: first.name };
}

export function read({
  status,
  headers,
  body,
}: Awaited<ReturnType<LocalAws['world']['apiGateway']['answer']>>): Answer {
  const text = Buffer.from(body).toString('utf8');
  const isJson = /json/.test(String(headers['content-type']));
  return { status, headers, body: isJson && text ? JSON.parse(text) : text };
}
