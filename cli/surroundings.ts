import { setTimeout as sleep } from 'node:timers/promises';
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
}

/** What the command touches beyond its arguments: tests hand it an embedded AWS, its clock, and their own streams. */
export interface Surroundings {
  clients(options: AwsOptions): Clients | Promise<Clients>;
  clock: { now(): number; sleep(ms: number): Promise<void> };
  /** What somebody may want to pipe on. */
  out(text: string): void;
  /** What only a person at the terminal wants to see. */
  err(text: string): void;
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

export const realSurroundings = (): Surroundings => ({
  clients: async ({ profile, region = defaultRegion() }) => {
    await useProfile(profile);
    const options = { ...(region && { region }) };
    return { sfn: new SFNClient(options), ssm: new SSMClient(options) };
  },
  command: process.env.npm_command === 'exec' ? 'npx stepup' : 'stepup',
  clock: { now: () => Date.now(), sleep: (ms) => sleep(ms) },
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  onInterrupt: onStop,
});
