import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { type Clock, createLocalAws, type LocalAws, type LocalAwsOptions, wallClock } from '../../local';
import { type AwsCli, awsCli, exported, type Keys, refusalIn } from '../support/awsCli';
import { scratchFolder } from '../support/scratch';

const folder = scratchFolder('procedures');
const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

/** A clock that runs as yours does, and skips what nobody wants to wait for. */
export function skippingClock(): Clock & { skip(ms: number): void } {
  const clock = wallClock();
  let skipped = 0;
  const skip = (ms: number) => {
    skipped += ms;
  };
  return { ...clock, now: () => clock.now() + skipped, skip };
}

/** Somebody at a terminal, or on an instance, with the AWS CLI. */
export interface Person {
  /** The command as the guide has it, up to the first word with a blank in it. */
  aws: AwsCli;
  /** What a command that works prints, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: AWS's shapes, known to each test
  prints(command: string, ...more: string[]): Promise<any>;
  /** Code and message of a command that AWS refuses. */
  refused(command: string, ...more: string[]): Promise<{ code: string; message: string }>;
}

export interface Account {
  aws: LocalAws;
  endpoint: string;
  /** The account's owner, in whose name a guide begins. */
  owner: Person;
  withKeys(keys: Keys): Person;
  /** On an instance: no keys, but its metadata service. */
  onInstance(instanceId: string): Promise<Person>;
}

/** An account that listens, and people in it who use the AWS CLI. */
export async function account(options: LocalAwsOptions): Promise<Account> {
  const aws = createLocalAws(options);
  open.push(aws);
  const endpoint = await aws.listen();
  const person = (variables: Record<string, string>) => personWith(awsCli(endpoint, folder, variables));
  return {
    aws,
    endpoint,
    owner: person(exported(aws.world.iam.rootKey)),
    withKeys: (keys) => person(exported(keys)),
    onInstance: async (id) => {
      const AWS_EC2_METADATA_SERVICE_ENDPOINT = await aws.world.imds.endpoint(id);
      return person({ AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT });
    },
  };
}

function personWith(aws: AwsCli): Person {
  return {
    aws,
    prints: async (command, ...more) => {
      const { exitCode, stdout, stderr } = await aws(...command.split(' '), ...more);
      if (exitCode !== 0) throw new Error(`aws ${command}: ${stderr}`);
      return stdout.trim() === '' ? undefined : JSON.parse(stdout);
    },
    refused: async (command, ...more) => {
      const { stdout, stderr } = await aws(...command.split(' '), ...more);
      const refusal = refusalIn(stderr);
      if (!refusal) throw new Error(`aws ${command} was not refused by AWS: ${stdout}${stderr}`);
      return refusal;
    },
  };
}

/** Writes a policy document where the CLI finds it as `file://NAME`. */
export function writeDocument(name: string, ...Statement: object[]): string {
  writeFileSync(join(folder, name), JSON.stringify({ Version: '2012-10-17', Statement }));
  return `file://${name}`;
}

/** The trust document of a role, as guides write it. */
export const writeTrust = (name: string, Principal: object): string =>
  writeDocument(name, { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition: {} });

export const keysIn = (printed: Record<string, string>): Keys => ({
  accessKeyId: printed.AccessKeyId ?? '',
  secretAccessKey: printed.SecretAccessKey ?? '',
  ...(printed.SessionToken && { sessionToken: printed.SessionToken }),
});
