import { setTimeout as sleep } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';

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
  clients(options: AwsOptions): Clients;
  clock: { now(): number; sleep(ms: number): Promise<void> };
  /** What somebody may want to pipe on. */
  out(text: string): void;
  /** What only a person at the terminal wants to see. */
  err(text: string): void;
  /** Calls back on Ctrl-C; returns what ends that. */
  onInterrupt(listener: () => void): () => void;
}

/** Whoever was piped to may have read enough: a run is followed to its end all the same. */
function writeTo(stream: NodeJS.WriteStream): (text: string) => void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return (text) => void stream.write(text);
}

export const realSurroundings = (): Surroundings => ({
  clients: (options) => ({ sfn: new SFNClient(options), ssm: new SSMClient(options) }),
  clock: { now: () => Date.now(), sleep: (ms) => sleep(ms) },
  out: writeTo(process.stdout),
  err: writeTo(process.stderr),
  onInterrupt: (listener) => {
    process.once('SIGINT', listener);
    return () => void process.off('SIGINT', listener);
  },
});
