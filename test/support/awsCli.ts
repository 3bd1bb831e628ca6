import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '@jest/globals';

/** What the AWS CLI is given as access key; none on an instance, which has its metadata service. */
export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The environment variables in which people export keys. */
export const exported = ({ accessKeyId, secretAccessKey, sessionToken }: Keys): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
});

export interface Printed {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** The AWS CLI with arguments as a person types them. */
export type AwsCli = (...args: string[]) => Promise<Printed>;

const runs = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const missing = [
  ...(runs('aws', '--version') ? [] : ['the AWS CLI']),
  ...(runs('python3', '-c', 'import boto3') ? [] : ['boto3']),
];

/** `describe`, for what needs the AWS CLI and boto3: skips loudly without them. */
export const describeWithAwsCli = missing.length === 0 ? describe : describe.skip;
if (missing.length > 0)
  console.warn(`SKIPPED: ${missing.join(' and ')} cannot be found here, tests with them do not run.`);

/** The whole environment of a client: nothing of the person's own who runs the tests. `home` is a scratch folder. */
export function clientEnvironment(endpoint: string, home: string): Record<string, string> {
  const config = join(home, 'config');
  writeFileSync(config, '[default]\noutput = json\ncli_timestamp_format = iso8601\n');
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    AWS_CONFIG_FILE: config,
    AWS_ENDPOINT_URL: endpoint,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_MAX_ATTEMPTS: '1',
    AWS_METADATA_SERVICE_TIMEOUT: '5',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/**
 * The AWS CLI of this machine, in its own process for each call.
 * @param variables what its user has exported: keys, or where the metadata service is
 */
export function awsCli(endpoint: string, home: string, variables: Record<string, string>): AwsCli {
  const env = { ...clientEnvironment(endpoint, home), ...variables };
  return (...args) =>
    new Promise((resolve, reject) => {
      execFile('aws', args, { env, cwd: home }, (error, stdout, stderr) => {
        const exitCode = error ? error.code : 0;
        if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr });
        else reject(error);
      });
    });
}

/** Code and message of what the CLI (or boto3) reports as refused by AWS. */
export function refusalIn(text: string): { code: string; message: string } | undefined {
  const pattern =
    /An error occurred \(([^)]+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)/s;
  const [, code, message] = pattern.exec(text) ?? [];
  return code === undefined || message === undefined ? undefined : { code, message: message.trim() };
}
