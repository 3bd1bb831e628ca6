import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { IAMClient } from '@aws-sdk/client-iam';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { refused } from './failure';
import { onStop } from './stopSignal';

/** Where to look for AWS, as every AWS tool lets its user say it. */
interface AwsOptions {
  region?: string;
  profile?: string;
}

export interface Clients {
  sfn: SFNClient;
  ssm: SSMClient;
  iam: IAMClient;
  scheduler: SchedulerClient;
}

/** What the command touches beyond its arguments: tests hand it an embedded AWS, its clock, and their own streams. */
export interface Surroundings {
  clients(options: AwsOptions): Clients | Promise<Clients>;
  clock: { now(): number; sleep(ms: number): Promise<void> };
  /** One HTTP request to the API, without following anything that it is led to. */
  fetch(
    url: string,
    request: { method: string; headers: Record<string, string>; body?: string },
  ): Promise<Pick<Response, 'status' | 'headers' | 'text'>>;
  /** URL of the API that the environment names. */
  api?: string | undefined;
  /** Where AWS is, if the environment says it. */
  endpoint?: string | undefined;
  /** From 0 to 1. */
  random(): number;
  /** What somebody may want to pipe on. */
  out(text: string): void;
  /** Of the terminal that it is written to, if it is one. */
  columns?: number | undefined;
  /** Is that a terminal, whose last line can be rewritten? */
  isTerminal?: boolean;
  /** What only a person at the terminal wants to see. */
  err(text: string): void;
  /** Asks a person; without one at the terminal the answer is a failure that says how to answer beforehand. */
  confirm(question: string): Promise<boolean>;
  /** How the command is called: what it proposes can be pasted. */
  command: string;
  /** Calls back on Ctrl-C and the like; returns what ends that. */
  onInterrupt(listener: () => void): () => void;
}

/** The AWS CLI and boto3 read it, the SDK for JavaScript does not. */
const defaultRegion = () => process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;

/** As with the AWS CLI, a profile that is named wins over keys in the environment, and brings all of its settings. */
async function useProfile(profile: string | undefined): Promise<void> {
  if (!profile) return;
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  if (!(profile in configFile) && !(profile in credentialsFile)) {
    throw refused(`There is no profile '${profile}' in ~/.aws/config or ~/.aws/credentials.`);
  }
  process.env.AWS_PROFILE = profile;
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete process.env[name];
}

/** @throws CommandFailure (refused) when nobody can be asked */
async function askAtTerminal(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw refused('Nobody can be asked here: say --yes.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `).finally(() => terminal.close());
  return /^y(es)?$/i.test(answer.trim());
}

/** API Gateway itself gives up after 29 s. */
const FETCH_MS = 35_000;

export const realSurroundings = (): Surroundings => ({
  clients: async ({ profile, region = defaultRegion() }) => {
    await useProfile(profile);
    const options = { ...(region && { region }) };
    return {
      sfn: new SFNClient(options),
      ssm: new SSMClient(options),
      iam: new IAMClient(options),
      scheduler: new SchedulerClient(options),
    };
  },
  command: process.env.npm_command === 'exec' ? 'npx stepup' : 'stepup',
  clock: { now: () => Date.now(), sleep: (ms) => sleep(ms) },
  fetch: (url, request) => fetch(url, { ...request, redirect: 'manual', signal: AbortSignal.timeout(FETCH_MS) }),
  api: process.env.STEPUP_API || undefined,
  endpoint: process.env.AWS_ENDPOINT_URL || undefined,
  random: Math.random,
  isTerminal: process.stderr.isTTY ?? false,
  confirm: askAtTerminal,
  out: (text) => void process.stdout.write(text),
  columns: process.stdout.columns,
  err: (text) => void process.stderr.write(text),
  onInterrupt: onStop,
});
