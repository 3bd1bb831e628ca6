import type { SendCommandRequest } from '@aws-sdk/client-ssm';
import { AwsError, type ConditionContext, type Shell, type Violation, validationMessage, type World } from '../world';
import type { DocumentStep, Documents } from './documents';
import type { ParameterStore } from './parameterStore';
import type { Registry } from './registry';
import type { Settings } from './settings';

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

type Check = [at: string, value: unknown, ok: boolean, constraint: string];

/** @throws AwsError one ValidationException over all failures, worded as the service does (aws-facts 4.3) */
export function validate(...checks: Check[]): void {
  const violations = checks.filter(([, , ok]) => !ok).map(([at, value, , text]): Violation => [at, value, text]);
  if (violations.length > 0) throw new AwsError('ValidationException', validationMessage(violations));
}

export function validInstanceId(value = 'i-00000000', at = 'instanceId'): Check {
  const pattern = '(^i-(\\w{8}|\\w{17})$)|(^mi-\\w{17}$)';
  return [at, value, new RegExp(pattern).test(value), `satisfy regular expression pattern: ${pattern}`];
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
