import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { Handler, Surroundings } from '../../functions/common/lambda';
import type { Put } from '../../functions/guardRelease/event';
import type { LocalAws } from '../../local';
import type { FunctionDefinition, InvokeResult, Launcher } from '../../local/world';
import { clockedRetry } from './clockedRetry';

/** `put`: how guardRelease answers. */
export type Create = (surroundings: Partial<Surroundings> & { put?: Put }) => Handler;

/** All functions by the name of their folder: their sources, not their bundles. */
const FUNCTIONS: Record<string, () => { create: Create }> = {
  captureProfile: () => require('../../functions/captureProfile/handler'),
  createTempRole: () => require('../../functions/createTempRole/handler'),
  swapProfile: () => require('../../functions/swapProfile/handler'),
  waitAssociated: () => require('../../functions/waitAssociated/handler'),
  runScript: () => require('../../functions/runScript/handler'),
  hold: () => require('../../functions/hold/handler'),
  restore: () => require('../../functions/restore/handler'),
  recover: () => require('../../functions/recover/handler'),
  sweep: () => require('../../functions/sweep/handler'),
  runScheduled: () => require('../../functions/runScheduled/handler'),
  guardRelease: () => require('../../functions/guardRelease/handler'),
  requestElevation: () => require('../../functions/requestElevation/handler'),
};

/** StepUp-us-east-1-captureProfile -> captureProfile */
export const folderOf = (functionName: string): string => functionName.slice(functionName.lastIndexOf('-') + 1);

/** The settings with which an SDK client talks to the embedded AWS in this process, on its clock. */
export const clientSettings = (aws: LocalAws, credentials: () => Promise<AwsCredentialIdentity>) => ({
  region: aws.world.region,
  endpoint: 'http://127.0.0.1:1',
  forcePathStyle: true,
  requestHandler: aws.requestHandler(),
  retryStrategy: clockedRetry(aws.world.clock),
  // Expired at once: the client asks again for each request, as a new sandbox of Lambda would have new ones.
  credentials: async () => ({ ...(await credentials()), expiration: new Date(0) }),
});

/** The SDK's first call in a process reads its configuration from disk, which virtual time does not wait for. */
export async function warmSdk(aws: LocalAws): Promise<void> {
  await new IAMClient(clientSettings(aws, async () => aws.world.iam.rootKey)).send(new ListUsersCommand({}));
}

/** @throws Error when there is no such function */
export function sourceOf(folder: string): Create {
  const make = FUNCTIONS[folder];
  if (!make) throw new Error(`There is no function ${folder}`);
  return make().create;
}

/** Runs the functions' sources in this process, on the world's clock: what lets a whole elevation pass in milliseconds. */
export function inProcessLauncher(aws: () => LocalAws, log: (line: string) => void = () => undefined): Launcher {
  return {
    launch: (fn, environment, toGroup) => {
      const handler = sourceOf(folderOf(fn.name))({
        env: fn.environment,
        clock: aws().world.clock,
        catalogue: () => readCatalogue(fn),
        clientSettings: clientSettings(aws(), async () => credentialsIn(environment())),
        log: (line) => {
          log(line);
          toGroup?.(line);
        },
        put: async (url, said) => aws().putAnswer(url, said),
      });
      return { invoke: (event, { requestId }) => answer(handler, event, requestId), close: () => undefined };
    },
  };
}

const readCatalogue = ({ code }: FunctionDefinition) => JSON.parse(readFileSync(join(code, 'catalogue.json'), 'utf8'));

const credentialsIn = (environment: Record<string, string>) => ({
  accessKeyId: environment.AWS_ACCESS_KEY_ID as string,
  secretAccessKey: environment.AWS_SECRET_ACCESS_KEY as string,
  sessionToken: environment.AWS_SESSION_TOKEN as string,
});

export async function answer(handler: Handler, event: unknown, awsRequestId: string): Promise<InvokeResult> {
  try {
    return { payload: await handler(event, { awsRequestId }) };
  } catch (error) {
    const { name, message, stack = '' } = error as Error;
    return { functionError: { errorType: name, errorMessage: message, trace: stack.split('\n') } };
  }
}
