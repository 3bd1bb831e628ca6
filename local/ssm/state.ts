import type { SendCommandRequest } from '@aws-sdk/client-ssm';
import { AwsError, type ConditionContext, type Shell, type Violation, validationMessage, type World } from '../world';
import type { DocumentStep, Documents } from './documents';
import type { ParameterStore } from './parameterStore';
import type { Registry } from './registry';
import type { Settings } from './settings';
import type { Associations } from './stateManager';

/** Why a running command is stopped from outside. 'Closed': the world ends. */
export type StopReason = 'Cancelled' | 'Undeliverable' | 'Closed';
export type FinalStatus = 'Success' | 'Failed' | 'Cancelled' | 'TimedOut';

export interface StepRun {
  step: DocumentStep;
  status: 'Pending' | FinalStatus;
  statusDetails: string;
  responseCode: number;
  startedAt?: number;
  endedAt?: number;
  stdout: string;
  stderr: string;
}

export interface Invocation {
  instanceId: string;
  status: 'Pending' | 'InProgress' | 'Cancelling' | FinalStatus;
  statusDetails: string;
  steps: StepRun[];
  /** Aborted with a StopReason. */
  stop: AbortController;
}

export interface StoredCommand {
  id: string;
  request: SendCommandRequest;
  requestedAt: number;
  timeoutSeconds: number;
  expiresAfter: number;
  invocations: Invocation[];
}

/** What the operations of this room share. */
export interface Ssm {
  world: World;
  shell: Shell;
  documents: Documents;
  registry: Registry;
  settings: Settings;
  parameters: ParameterStore;
  associations: Associations;
  /** By id, oldest first. */
  commands: Map<string, StoredCommand>;
  /** Deliveries under way, awaited when the world closes. */
  deliveries: Set<Promise<void>>;
  /** Aborted when the world closes. */
  closing: AbortController;
  options: SsmOptions;
}

export interface SsmOptions {
  /** Carries the agent's own requests while the world listens on no socket: an SDK request handler. */
  requestHandler?: () => unknown;
  /** Stands for the SDK that is installed on an instance: NODE_PATH of its scripts. */
  nodePath?: string;
}

export type Check = [at: string, value: unknown, ok: boolean, constraint: string];

/** @throws AwsError one ValidationException over all failures, worded as the service does (aws-facts 4.3) */
export function validate(...checks: Check[]): void {
  const violations = checks.filter(([, , ok]) => !ok).map(([at, value, , text]): Violation => [at, value, text]);
  if (violations.length > 0) throw new AwsError('ValidationException', validationMessage(violations));
}

const INSTANCE_ID = '(^i-(\\w{8}|\\w{17})$)|(^mi-\\w{17}$)';
const isInstanceId = (value: string) => new RegExp(INSTANCE_ID).test(value);

/** A member that the model requires. */
export const given = (at: string, value: unknown): Check => [at, value, value !== undefined, 'not be null'];

/** Of a text, if there is one. */
export function validLength(
  at: string,
  value: string | undefined,
  least: number,
  most = Number.POSITIVE_INFINITY,
): Check[] {
  return [
    [at, value, (value?.length ?? least) >= least, `have length greater than or equal to ${least}`],
    [at, value, (value?.length ?? most) <= most, `have length less than or equal to ${most}`],
  ];
}

export function validInstanceId(value?: string): Check {
  const isValid = value === undefined || isInstanceId(value);
  return ['instanceId', value, isValid, `satisfy regular expression pattern: ${INSTANCE_ID}`];
}

/** Of a list AWS shows all members. */
export function validInstanceIds(ids: string[]): Check[] {
  const shown = `[${ids.join(', ')}]`;
  const pattern = `[Member must satisfy regular expression pattern: ${INSTANCE_ID}]`;
  return [
    ['instanceIds', shown, ids.every(isInstanceId), `satisfy constraint: ${pattern}`],
    ['instanceIds', shown, ids.length <= 50, 'have length less than or equal to 50'],
  ];
}

export function validCommandId(value?: string): Check {
  return ['commandId', value, value === undefined || value.length === 36, 'have length equal to 36'];
}

/** @throws AwsError when one of these input members is set */
export function refuse(input: object, ...members: string[]): void {
  const given = members.filter((member) => (input as Record<string, unknown>)[member] !== undefined);
  if (given.length === 0) return;
  throw new AwsError('ValidationException', `Not supported by the embedded AWS: ${given.join(', ')}`);
}

/** What a call on an instance is authorized on: its ARN, and its tags under both keys (aws-facts-2 14.2). */
export function instanceResource({ partition, region, account, ec2 }: World, id: string): [string, ConditionContext] {
  const tags = Object.entries(ec2.instance(id)?.tags ?? {}).flatMap(([key, value]) => [
    [`aws:ResourceTag/${key}`, value],
    [`ssm:resourceTag/${key}`, value],
  ]);
  return [`arn:${partition}:ec2:${region}:${account}:instance/${id}`, Object.fromEntries(tags)];
}
