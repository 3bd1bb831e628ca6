import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { LocalAws } from '../../local';

export const INSTANCE = 'i-0123456789abcdef0';
export const PROFILE = 'app';
export const BUCKET = 'my-script-bucket';
export const SCRIPT_URL = `https://${BUCKET}.s3.us-east-1.amazonaws.com/scripts/report.cjs`;

const SSM_CORE = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
const file = (name: string) => readFileSync(join(__dirname, 'world', name), 'utf8');

/** The demo's account, and the clients of the person who works in it. */
export interface Stage {
  aws: LocalAws;
  iam: IAMClient;
  s3: S3Client;
  sfn: SFNClient;
  ssm: SSMClient;
  machines: { elevation: string; recovery: string };
  /** The instance's metadata service. */
  metadata: string;
}

/** Fills the account as its owner would, and hands it over to an operator. */
export async function setStage(aws: LocalAws, endpoint: string): Promise<Stage> {
  const settings = { region: aws.world.region, endpoint };
  const asRoot = { ...settings, credentials: aws.world.iam.rootKey };
  await createProfile(new IAMClient(asRoot));
  await fillBucket(new S3Client(asRoot));
  const asOperator = { ...settings, credentials: await createOperator(new IAMClient(asRoot)) };
  // IAM's writes take seconds until EC2 and authorization see them.
  await aws.world.clock.sleep(aws.world.delays.iamPropagation);
  aws.world.ec2.addInstance({ id: INSTANCE, profile: PROFILE, tags: { 'stepup:grants': 'run-remote-script' } });
  const sfn = new SFNClient(asOperator);
  return {
    aws,
    sfn,
    iam: new IAMClient(asOperator),
    s3: new S3Client(asOperator),
    ssm: new SSMClient(asOperator),
    machines: await findMachines(sfn),
    metadata: await aws.world.imds.endpoint(INSTANCE),
  };
}

/** A role that holds what SSM Agent needs and nothing else, in a profile of the same name. */
async function createProfile(iam: IAMClient): Promise<void> {
  const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await iam.send(new CreateRoleCommand({ RoleName: PROFILE, AssumeRolePolicyDocument }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: PROFILE, PolicyArn: SSM_CORE }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: PROFILE }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: PROFILE, RoleName: PROFILE }));
}

async function fillBucket(s3: S3Client): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const name of ['report.cjs', 'orders.csv']) {
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `scripts/${name}`, Body: file(name) }));
  }
}

async function createOperator(iam: IAMClient) {
  const UserName = 'operator';
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = file('operator-policy.json');
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'operate-stepup', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId as string, secretAccessKey: AccessKey?.SecretAccessKey as string };
}

async function findMachines(sfn: SFNClient): Promise<Stage['machines']> {
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  const named = (ending: string) => stateMachines.find(({ name }) => name?.endsWith(ending))?.stateMachineArn as string;
  return { elevation: named('-elevation'), recovery: named('-recovery') };
}
