import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ec2 from '@aws-sdk/client-ec2';
import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import * as scheduler from '@aws-sdk/client-scheduler';
import * as states from '@aws-sdk/client-sfn';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import type { ServiceName } from '../../../local/world';
import type { Client } from './play';

// biome-ignore lint/suspicious/noExplicitAny: clients and commands are looked up by name here
type Sdk = Record<string, any>;
const SDK: Record<ServiceName, [Sdk, client: string]> = {
  ec2: [ec2, 'EC2Client'],
  iam: [iam, 'IAMClient'],
  logs: [logs, 'CloudWatchLogsClient'],
  s3: [s3, 'S3Client'],
  scheduler: [scheduler, 'SchedulerClient'],
  ssm: [ssm, 'SSMClient'],
  states: [states, 'SFNClient'],
  sts: [sts, 'STSClient'],
};

interface SdkError {
  name: string;
  message: string;
  /** The wire's code, where the SDK's name differs from it. */
  Code?: string;
  $metadata: { httpStatusCode: number };
}

/** HEAD has no body to carry a code: the SDK calls its errors by a name, the others by their status. */
const codeOf = (operation: string, { Code, name, $metadata }: SdkError) =>
  operation.startsWith('Head') ? String($metadata.httpStatusCode) : (Code ?? name);

/** The JS SDK, over HTTP. */
export function sdkClient(): Client {
  return {
    close: () => undefined,
    ask: async ({ service, operation, input, keys }, endpoint) => {
      const [sdk, name] = SDK[service];
      const settings = { region: 'us-east-1', endpoint, credentials: keys, forcePathStyle: true, maxAttempts: 1 };
      const client = new sdk[name](settings);
      try {
        const answer = await client.send(new sdk[`${operation}Command`](input));
        if (answer.Body) answer.Body = await answer.Body.transformToString();
        return { answer };
      } catch (error) {
        if (!(error as Partial<SdkError>).$metadata) throw error;
        const { message } = error as SdkError;
        return { refusal: { code: codeOf(operation, error as SdkError), message } };
      } finally {
        client.destroy();
      }
    },
  };
}
