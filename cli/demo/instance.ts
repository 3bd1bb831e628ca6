import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CommandInvocation,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';

const POLL_MS = 100;

/** Who an instance is, in the words of its own metadata service. */
export interface Identity {
  role: string;
  profileArn: string;
}

/** Asks as a program on the instance does: a token, then the metadata (IMDSv2). */
export async function identityAt(endpoint: string): Promise<Identity | undefined> {
  const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = await (await fetch(`${endpoint}/latest/api/token`, { method: 'PUT', headers: ttl })).text();
  const get = async (path: string) => {
    const headers = { 'x-aws-ec2-metadata-token': token };
    const answer = await fetch(`${endpoint}/latest/meta-data/iam/${path}`, { headers });
    return answer.ok ? answer.text() : undefined;
  };
  const [role, info] = [await get('security-credentials/'), await get('info')];
  return role && info ? { role, profileArn: JSON.parse(info).InstanceProfileArn } : undefined;
}

/** Repeats `look` until it finds something. */
export async function until<T>(what: string, seconds: number, look: () => Promise<T | undefined | false>): Promise<T> {
  for (const deadline = performance.now() + seconds * 1000; performance.now() < deadline; await sleep(POLL_MS)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`Waited ${seconds} s for ${what}`);
}

/** AWS-RunRemoteScript through Run Command, as anybody who may send commands can do it. */
export async function runRemoteScript(ssm: SSMClient, instanceId: string, url: string, commandLine: string) {
  const { Command } = await ssm.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunRemoteScript',
      InstanceIds: [instanceId],
      Parameters: { sourceType: ['S3'], sourceInfo: [JSON.stringify({ path: url })], commandLine: [commandLine] },
    }),
  );
  const commandId = Command?.CommandId as string;
  return until('the command', 60, async () => {
    const invocation = await invocationOf(ssm, commandId);
    return invocation && !['Pending', 'InProgress', 'Delayed'].includes(invocation.Status ?? '') && invocation;
  });
}

export async function invocationOf(ssm: SSMClient, CommandId: string): Promise<CommandInvocation | undefined> {
  const { CommandInvocations } = await ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true }));
  return CommandInvocations?.[0];
}

/** What the first step that failed wrote. */
export function failureOf({ CommandPlugins = [] }: CommandInvocation): { step: string; text: string } {
  const failed = CommandPlugins.find(({ Status }) => Status === 'Failed');
  const text = (failed?.Output ?? '').replace(/^-+ERROR-+$/m, '').trim();
  return { step: failed?.Name ?? '', text };
}
