import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Command } from 'commander';
import { type CommonOptions, once } from '../commands/options';
import { findDeployment } from '../deployment';
import { refused } from '../failure';
import type { Surroundings } from '../surroundings';
import { type Api, createApi } from './client';
import { createSigner } from './signer';

export interface ApiOptions extends CommonOptions {
  api?: string;
  direct?: boolean;
}

/** For a command that asks the API. */
export const asking = (command: Command): Command =>
  command.option('--api <url>', "of StepUp's API (env: STEPUP_API)", once(apiUrl));

/** For a command that an administrator of StepUp can also use past the API. */
export const maybeAsking = (command: Command): Command =>
  asking(command).option(
    '--direct',
    'past the API, also if STEPUP_API is set: with the permissions of an administrator',
  );

/** @throws CommandFailure (refused) when both are asked for */
export function isByApi(around: Surroundings, options: ApiOptions): boolean {
  if (options.direct && options.api) throw refused('--api and --direct contradict each other: give one.');
  return !options.direct && namedApi(around, options) !== undefined;
}

/** URL of the API that the command line or the environment names. */
export const namedApi = (around: Surroundings, { api }: ApiOptions): string | undefined =>
  api ?? (around.api && apiUrl(around.api));

/**
 * The API: that of --api or STEPUP_API, or the one that the deployment says it has. Signed with the credentials that every
 * AWS tool would use.
 * @throws CommandFailure (refused) when there is none
 */
export async function connectApi(around: Surroundings, options: ApiOptions): Promise<Api> {
  const { profile } = options;
  const named = namedApi(around, options);
  // What is published is an address of AWS: nothing that is signed for an account on this machine belongs there.
  if (!named && around.endpoint && isLoopback(around.endpoint)) {
    throw refused(`AWS is ${around.endpoint} here: set STEPUP_API, which \`stepup local\` prints, or give --api.`);
  }
  const region = options.region ?? (named && regionOf(named));
  const { sfn, ssm } = await around.clients({ ...(region && { region }), ...(profile && { profile }) });
  const url = named ?? (await published(ssm, (await findDeployment(sfn, options.deployment)).name));
  const signedFor = options.region ?? regionOf(url) ?? (await sfn.config.region());
  const signer = createSigner(() => sfn.config.credentials(), signedFor);
  return createApi(around, signer, { url, region: signedFor });
}

/** https://ID.execute-api.REGION.amazonaws.com/STAGE, also of a VPC endpoint */
const regionOf = (url: string): string | undefined => /\bexecute-api\.([a-z0-9-]+)\./.exec(new URL(url).hostname)?.[1];

async function published(ssm: SSMClient, deployment: string): Promise<string> {
  const Name = `/stepup/${deployment}/api`;
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    return apiUrl(Parameter?.Value ?? '');
  } catch (error) {
    if ((error as Error).name !== 'ParameterNotFound') throw error;
    throw refused(`The deployment ${deployment} has no API: there is no parameter ${Name}. Give its URL with --api.`);
  }
}

/** Without a slash at its end. @throws CommandFailure (refused) */
function apiUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.search || url.hash || url.username || !(url.protocol === 'https:' || isLoopback(text))) {
    throw refused(`'${text}' is no URL of an API: https://ID.execute-api.REGION.amazonaws.com/STAGE`);
  }
  return url.href.replace(/\/+$/, '');
}

const isLoopback = (url: string): boolean =>
  URL.canParse(url) && /^(127\.0\.0\.1|\[::1\]|(.+\.)?localhost)$/.test(new URL(url).hostname);
