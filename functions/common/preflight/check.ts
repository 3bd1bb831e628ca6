import { type ErrorName, StepUpError } from '../../../state-machine/errors';
import type { Subject } from './subject';

/** One question that must be answered well before an elevation may begin. It reads, and changes nothing. */
export interface Check {
  title: string;
  run(subject: Subject): Promise<void>;
}

/** @throws StepUpError always */
export const refuse = (name: ErrorName, message: string): never => {
  throw new StepUpError(name, message);
};
