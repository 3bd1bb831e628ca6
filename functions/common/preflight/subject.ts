import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import {
  GetAccountSummaryCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  type InstanceProfile,
  paginateListInstanceProfiles,
  type Role,
} from '@aws-sdk/client-iam';
import {
  DescribeDocumentCommand,
  DescribeInstanceInformationCommand,
  type DocumentDescription,
  GetConnectionStatusCommand,
  type InstanceInformation,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { PolicyDocument } from '../../../state-machine/catalogue';
import type { Request } from '../../../state-machine/document';
import { type Attached, attachedTo } from '../associations';
import { isAws } from '../awsErrors';
import { findInstance } from '../instance';
import { findProfile } from '../instanceProfile';
import type { Deps } from '../lambda';
import { instancePath, nameOf } from '../names';
import { readRole } from '../record';
import { attachedPolicies, type InlinePolicy, inlinePolicies } from '../rolePolicies';

export type PreflightClients = { ec2: EC2Client; iam: IAMClient; ssm: SSMClient };

/**
 * What the checks ask about: each question is put to AWS once, when the first check asks it. Nothing is changed.
 */
export interface Subject {
  request: Request;
  deps: Deps<PreflightClients>;
  /** The elevation that asks. */
  execution: { Id: string; StartTime: string };
  instance(): Promise<Instance | undefined>;
  attached(): Promise<Attached | undefined>;
  /** Instance profiles of elevations on this instance, of any deployment: the markers of a busy instance. */
  markers(): Promise<string[]>;
  managed(): Promise<InstanceInformation | undefined>;
  connected(): Promise<boolean>;
  document(name: string): Promise<DocumentDescription | undefined>;
  profile(): Promise<InstanceProfile | undefined>;
  /** The original's role with its tags and boundary; undefined when there is no original. */
  role(): Promise<Role | undefined>;
  inline(): Promise<InlinePolicy[]>;
  /** ARNs of the managed ones, and with what they say. */
  attachedPolicies(): Promise<string[]>;
  managedPolicies(): Promise<ManagedPolicy[]>;
  quotas(): Promise<Record<string, number>>;
}

export interface ManagedPolicy {
  arn: string;
  document: PolicyDocument;
}

/** @param known answers that whoever asks has by other means */
export function examine(
  request: Request,
  execution: Subject['execution'],
  deps: Deps<PreflightClients>,
  known: Partial<Pick<Subject, 'instance' | 'attached'>> = {},
): Subject {
  const { ec2, iam, ssm } = deps;
  const { instanceId } = request;
  const attached = known.attached ?? once(() => attachedTo(ec2, instanceId));
  const profile = once(async () => {
    const { profileArn } = (await attached()) ?? {};
    return profileArn ? findProfile(iam, nameOf(profileArn)) : undefined;
  });
  const role = once(async () => {
    const name = (await profile())?.Roles?.[0]?.RoleName;
    return name ? readRole(iam, name) : undefined;
  });
  const ofRole = <T>(read: (roleName: string) => Promise<T[]>) =>
    once(async () => {
      const name = (await role())?.RoleName;
      return name ? read(name) : [];
    });
  const policies = ofRole(async (name) => (await attachedPolicies(iam, name)).map(({ PolicyArn = '' }) => PolicyArn));
  return {
    request,
    deps,
    execution,
    attached,
    profile,
    role,
    instance: known.instance ?? once(() => findInstance(ec2, instanceId)),
    markers: once(() => listMarkers(iam, instanceId)),
    managed: once(() => findManaged(ssm, instanceId)),
    connected: once(
      async () => (await ssm.send(new GetConnectionStatusCommand({ Target: instanceId }))).Status === 'connected',
    ),
    document: (name) => findDocument(ssm, name),
    inline: ofRole((name) => inlinePolicies(iam, name)),
    attachedPolicies: policies,
    managedPolicies: once(async () => readManaged(iam, await policies())),
    quotas: once(async () => (await iam.send(new GetAccountSummaryCommand({}))).SummaryMap ?? {}),
  };
}

/** The original's policies, where this elevation takes them over. */
export async function inherited({ request, inline, managedPolicies }: Subject) {
  if (request.baseline !== 'inherit') return { inline: [], managed: [] };
  return { inline: await inline(), managed: await managedPolicies() };
}

export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

/** Answers undefined where AWS says that there is no such thing. */
async function unless<T>(codes: string[], ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isAws(error, ...codes)) return undefined;
    throw error;
  }
}

const findDocument = (ssm: SSMClient, name: string) =>
  unless(['InvalidDocument'], async () => (await ssm.send(new DescribeDocumentCommand({ Name: name }))).Document);

async function findManaged(ssm: SSMClient, instanceId: string): Promise<InstanceInformation | undefined> {
  const { InstanceInformationList } = await ssm.send(
    new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] }),
  );
  return InstanceInformationList?.[0];
}

async function listMarkers(iam: IAMClient, instanceId: string): Promise<string[]> {
  const markers: string[] = [];
  for await (const { InstanceProfiles = [] } of paginateListInstanceProfiles(
    { client: iam },
    { PathPrefix: instancePath(instanceId) },
  )) {
    markers.push(...InstanceProfiles.map(({ Arn }) => Arn ?? ''));
  }
  return markers;
}

/** What managed policies say, in their versions in force. */
export async function readManaged(iam: IAMClient, arns: string[]): Promise<ManagedPolicy[]> {
  const policies: ManagedPolicy[] = [];
  for (const arn of arns) {
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
    const { PolicyVersion } = await iam.send(
      new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: Policy?.DefaultVersionId }),
    );
    policies.push({ arn, document: JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? '')) });
  }
  return policies;
}
