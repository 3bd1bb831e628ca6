import { type ErrorName, StepUpError } from '../../../state-machine/errors';
import type { Subject } from './subject';

/** One question that must be answered well before an elevation may begin. It reads, and changes nothing. */
export interface Check {
  title: string;
  run(subject: Subject): Promise<void>;
}

/** What is asked of the instance, whatever is to be done on it: the doctor asks it, too. */
export const INSTANCE_CHECKS = [
  'instance',
  'enrolled',
  'running',
  'managed',
  'agent-connected',
  'eks-node',
  'profile',
  'one-role',
  'restorable',
  'inheritable',
  'boundary',
  'ceiling',
  'room',
  'account-quota',
] as const;
export type InstanceCheckId = (typeof INSTANCE_CHECKS)[number];

export interface InstanceCheck extends Check {
  id: InstanceCheckId;
}

/** @throws StepUpError always */
export const refuse = (name: ErrorName, message: string): never => {
  throw new StepUpError(name, message);
};
