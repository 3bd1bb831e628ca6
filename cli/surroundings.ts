import { setTimeout as sleep } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';

/** Where to look for AWS, as every AWS tool lets its user say it. */
export interface AwsOptions {
  region?: string;
  profile?: string;
}

export interface Clients {
  sfn: SFNClient;
  ssm: SSMClient;
}

/** What the command touches beyond its arguments: tests hand it an embedded AWS, its clock, and their own streams. */
export interface Surroundings {
  clients(options: AwsOptions): Clients;
  clock: { now(): number; sleep(ms: number): Promise<void> };
  /** What somebody may want to pipe on. */
  out(text: string): void;
  /** What only a person at the terminal wants to see. */
  err(text: string): void;
  /** Calls back on Ctrl-C; returns what ends that. */
  onInterrupt(listener: () => void): () => void;
}

export const realSurroundings: Surroundings = {
  clients: (options) => ({ sfn: new SFNClient(options), ssm: new SSMClient(options) }),
  clock: { now: () => Date.now(), sleep: (ms) => sleep(ms) },
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  onInterrupt: (listener) => {
    process.once('SIGINT', listener);
    return () => void process.off('SIGINT', listener);
  },
};
