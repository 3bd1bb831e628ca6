import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import type { Finding } from '../../../state-machine/api';
import { INSTANCE, request, type Stage, type StageOptions } from '../../support/stage';
import { SETTLED } from '../worlds';

/** A world, and what the doctor says there of one thing. */
export interface Case {
  world: string;
  id: string;
  status: Finding['status'];
  error?: Finding['error'];
  /** Parts of the finding. */
  says?: string[];
  /** Parts of the remedy; a finding that is well has none. */
  remedy?: string[];
  options?: StageOptions;
  arrange?: (stage: Stage) => Promise<unknown> | unknown;
  /** How an elevation ends there that asks for the default; undefined: it succeeds. Default: by the finding's error. */
  ends?: string | undefined;
}

export const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
export const trusting = (...Service: string[]) => ({
  Effect: 'Allow',
  Principal: { Service },
  Action: 'sts:AssumeRole',
});

export const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';
export const HOST_ROLE = 'service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole';
const HOST_POLICY = 'arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy';
const SettingId = '/ssm/managed-instance/default-ec2-instance-management-role';

/** Systems Manager hears from the agent: for half an hour it then lives on what it has. */
export const heardOf = ({ during, ssm }: Stage) => during(ssm.send(new DescribeInstanceInformationCommand({})));

export const changeTrust = ({ aws }: Stage, RoleName: string, ...statements: object[]) =>
  aws.world.asRoot('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument: document(...statements) });

/** Default Host Management is switched on, and has had the time that it takes. */
export async function switchOnHostManagement(stage: Stage, minutes = 31): Promise<void> {
  const { world } = stage.aws;
  const [path = '', RoleName = ''] = HOST_ROLE.split('/');
  const AssumeRolePolicyDocument = document(trusting('ssm.amazonaws.com'));
  await world.asRoot('iam', 'CreateRole', { RoleName, Path: `/${path}/`, AssumeRolePolicyDocument });
  await world.asRoot('iam', 'AttachRolePolicy', { RoleName, PolicyArn: HOST_POLICY });
  await stage.pass(SETTLED);
  await world.asRoot('ssm', 'UpdateServiceSetting', { SettingId, SettingValue: HOST_ROLE });
  await stage.pass(minutes * 60);
}

/** Its role allows nothing any more. */
export const takeHostPolicy = ({ aws }: Stage) =>
  aws.world.asRoot('iam', 'DetachRolePolicy', { RoleName: HOST_ROLE.split('/')[1], PolicyArn: HOST_POLICY });

/** An elevation has the instance, and goes on for an hour. */
export async function elevate(stage: Stage): Promise<void> {
  await stage.start(request({ hold: {} }, { durationMinutes: 60 }), 'night-job');
  await stage.pass(10 * 60);
}

export const tagsOf = (stage: Stage): Record<string, string> => stage.aws.world.ec2.instance(INSTANCE)!.tags;
