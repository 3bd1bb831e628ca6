import { createHash } from 'node:crypto';
import { ceilingPath } from '../../state-machine/catalogue';
import { StepUpError } from '../../state-machine/errors';

/** The parts of an execution's ARN: arn:PARTITION:states:REGION:ACCOUNT:execution:MACHINE:NAME */
export interface ExecutionId {
  arn: string;
  partition: string;
  region: string;
  account: string;
  machine: string;
  name: string;
}

/** @throws StepUpError RequestInvalid when it is not the ARN of a Standard execution */
export function parseExecution(arn: string): ExecutionId {
  const [prefix, partition, service, region, account, kind, machine, name, ...rest] = arn.split(':');
  if (
    prefix !== 'arn' ||
    service !== 'states' ||
    kind !== 'execution' ||
    !partition ||
    !region ||
    !account ||
    !machine ||
    !name ||
    rest.length > 0
  ) {
    throw new StepUpError(
      'RequestInvalid',
      `'${arn}' is not the ARN of an execution: give arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME.`,
    );
  }
  return { arn, partition, region, account, machine, name };
}

export const elevationMachine = (deployment: string): string => `${deployment}-elevation`;
export const recoveryMachine = (deployment: string): string => `${deployment}-recovery`;
export const proveDocument = (deployment: string): string => `${deployment}-ProveIdentity`;

/**
 * Reads an ARN as one of this deployment's elevations.
 * @throws StepUpError RequestInvalid when it belongs to another machine: nothing of another deployment is ever touched
 */
export function parseElevation(arn: string, deployment: string): ExecutionId {
  const execution = parseExecution(arn);
  if (execution.machine !== elevationMachine(deployment)) {
    throw new StepUpError(
      'RequestInvalid',
      `'${arn}' is no execution of ${elevationMachine(deployment)}: ask the deployment that it belongs to.`,
    );
  }
  return execution;
}

/** The temp role and the instance profile of an elevation have one name, derived from the run: it cannot collide. */
export const tempName = (executionArn: string): string =>
  `stepup-${createHash('sha256').update(executionArn).digest('hex').slice(0, 32)}`;

const ELEVATIONS = '/stepup/elevations/';

export const instancePath = (instanceId: string): string => `${ELEVATIONS}${instanceId}/`;
export const tempPath = (instanceId: string, deployment: string): string => `${instancePath(instanceId)}${deployment}/`;
export const elevationsPath = ELEVATIONS;

/** Is this profile one of any deployment's temp profiles? Then it is never an original. */
export const isTempProfile = (profileArn: string): boolean => profileArn.includes(`:instance-profile${ELEVATIONS}`);

/** The name at the end of a profile's or role's ARN, after its path. */
export const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

export const ceilingArn = (id: ExecutionId, deployment: string, name: string): string =>
  `arn:${id.partition}:iam::${id.account}:policy${ceilingPath(deployment)}${name}`;
export const instanceArn = (id: ExecutionId, instanceId: string): string =>
  `arn:${id.partition}:ec2:${id.region}:${id.account}:instance/${instanceId}`;
