import { IAMClient } from '@aws-sdk/client-iam';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Surroundings } from '../../../cli/surroundings';
import { makeRequester } from '../../support/api';
import { type Ran, stepup } from '../../support/command';
import { clientSettings } from '../../support/inProcess';
import type { Stage } from '../../support/stage';

/** Somebody who may call the API, and nothing else of AWS. */
export interface Requester {
  stepup(argv: string[], more?: Partial<Surroundings>): Promise<Ran>;
}

/** As the CLI is given it. */
export function urlOfApi({ aws: { world } }: Stage): string {
  const [stage] = world.apiGateway.stages();
  return `https://${stage?.apiId}.execute-api.${world.region}.amazonaws.com/${stage?.name}`;
}

/** @param paths METHOD/PATH, with wildcards: what execute-api:Invoke is allowed for */
export async function requester(stage: Stage, name = 'operator', paths = ['*']): Promise<Requester> {
  const Resource = paths.map((path) => `arn:aws:execute-api:us-east-1:${stage.aws.world.account}:*/v1/${path}`);
  const Statement = [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource }];
  const policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const keys = await stage.during(makeRequester(stage.aws, name, policy));
  const settings = clientSettings(stage.aws, async () => keys);
  const clients = {
    sfn: new SFNClient(settings),
    ssm: new SSMClient(settings),
    iam: new IAMClient(settings),
    scheduler: new SchedulerClient(settings),
  };
  return {
    stepup: (argv, more = {}) => stepup(stage, argv, { clients: () => clients, api: urlOfApi(stage), ...more }),
  };
}
