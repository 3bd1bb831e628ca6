import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { IAMClient } from '@aws-sdk/client-iam';
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
}

/** What the command touches beyond its arguments: tests hand it an embedded AWS, its clock, and their own streams. */
export interface Surroundings {
  clients(options: AwsOptions): Clients | Promise<Clients>;
  clock: { now(): number; sleep(ms: number): Promise<void> };
  /** What somebody may want to pipe on. */
  out(text: string): void;
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

export const realSurroundings = (): Surroundings => ({
  clients: async ({ profile, region = defaultRegion() }) => {
    await useProfile(profile);
    const options = { ...(region && { region }) };
    return { sfn: new SFNClient(options), ssm: new SSMClient(options), iam: new IAMClient(options) };
  },
  command: process.env.npm_command === 'exec' ? 'npx stepup' : 'stepup',
  clock: { now: () => Date.now(), sleep: (ms) => sleep(ms) },
  confirm: askAtTerminal,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  onInterrupt: onStop,
});
