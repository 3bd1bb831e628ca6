import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { afterEach } from '@jest/globals';
import { createLocalAws, type LocalAws, type Shell } from '../../../local';
import { virtualClock } from '../../../local/clock/virtual';

/** What was recorded of native AWS (aws-facts, aws-facts-2) is replayed against the embedded one: literal codes and texts. */
export interface Refused {
  code: string;
  message: string;
  status: number;
}

interface SdkError {
  name: string;
  message: string;
  Code?: string;
  $metadata: { httpStatusCode: number };
}

/** How AWS refuses: the wire's code, its text, the HTTP status. */
export async function refusal(answer: Promise<unknown>): Promise<Refused> {
  const error = await answer.then(
    () => undefined,
    (thrown: SdkError) => thrown,
  );
  if (!error?.$metadata) throw error ?? new Error('AWS has not refused.');
  return { code: error.Code ?? error.name, message: error.message, status: error.$metadata.httpStatusCode };
}

const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

export const trusting = (Principal: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] });
export const EC2_TRUST = trusting({ Service: 'ec2.amazonaws.com' });
export const allowing = (Action: string | string[], Resource = '*', Condition = {}) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource, Condition }] });

type Keys = { accessKeyId: string; secretAccessKey: string };

function clientsOf(aws: LocalAws, credentials: Keys) {
  const settings = {
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1',
    forcePathStyle: true,
    credentials,
    requestHandler: aws.requestHandler(),
    maxAttempts: 1,
  };
  return {
    ec2: new EC2Client(settings),
    iam: new IAMClient(settings),
    ssm: new SSMClient(settings),
    s3: new S3Client(settings),
    sts: new STSClient(settings),
  };
}

export type Clients = ReturnType<typeof clientsOf>;

/** Sends what the SDK's model does not know: further fields of a query's form, or others than it would write. */
export function rewriting(client: EC2Client | IAMClient | STSClient, rewrite: (form: string) => string): void {
  (client.middlewareStack as EC2Client['middlewareStack']).add(
    (next) => (args) => {
      const request = args.request as { body: string };
      request.body = rewrite(request.body);
      return next(args);
    },
    { step: 'build', priority: 'high' },
  );
}

/** An account in virtual time, with the delays that were recorded. */
export function account(shell?: Shell) {
  const clock = virtualClock();
  const aws = createLocalAws({ clock, shell });
  open.push(aws);
  const { asRoot } = aws.world;
  const pass = (seconds: number) => clock.run(clock.sleep(seconds * 1_000));
  return {
    ...clientsOf(aws, aws.world.iam.rootKey),
    world: aws.world,
    clock,
    pass,
    /** A role with these AWS managed policies, in a profile of its name. */
    makeProfile: async (name: string, AssumeRolePolicyDocument = EC2_TRUST, ...policies: string[]) => {
      await asRoot('iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument });
      for (const policy of policies) {
        const PolicyArn = `arn:aws:iam::aws:policy/${policy}`;
        await asRoot('iam', 'AttachRolePolicy', { RoleName: name, PolicyArn });
      }
      await asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: name });
      await asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: name, RoleName: name });
    },
    /** Clients of a new user with these inline policies. */
    user: async (UserName: string, ...documents: string[]): Promise<Clients> => {
      await asRoot('iam', 'CreateUser', { UserName });
      const { AccessKey } = await asRoot('iam', 'CreateAccessKey', { UserName });
      for (const [place, PolicyDocument] of documents.entries()) {
        await asRoot('iam', 'PutUserPolicy', { UserName, PolicyName: `policy-${place}`, PolicyDocument });
      }
      await pass(10);
      return clientsOf(aws, { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
    },
  };
}
