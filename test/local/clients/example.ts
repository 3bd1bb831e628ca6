import { expect } from '@jest/globals';
import type { ServiceName, World } from '../../../local/world';

/** Whose access key signs: the account's owner, an administrator, a user who may do nothing, a key that nobody has. */
export type Actor = 'root' | 'admin' | 'nobody' | 'stranger';

/** The last answer of an operation, for what a later input takes from it. */
// biome-ignore lint/suspicious/noExplicitAny: the SDK's shapes, known to each example
export type Last = (operation: string) => any;

export interface Refusal {
  code: string;
  /** Or what it is like: not every text is known. */
  message: unknown;
}

/** One call, and what AWS says to it. */
export interface Example {
  operation: string;
  input: object | ((last: Last) => object);
  as: Actor;
  expected: { answer: unknown } | { refusal: Refusal };
  /** It is asked again until this holds: for what takes time. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's shapes, known to each example
  until?: (answer: any) => boolean;
}

/** Examples of one service in the order in which they are played, in a world of their own. */
export interface Chain {
  service: ServiceName;
  seed?: (world: World) => Promise<void>;
  examples: Example[];
}

/** Stands for every point in time in an answer. */
export const TIME = '(time)';

/** An operation that answers; `answer` as the SDK returns it, with TIME for times, and documents of policies parsed. */
export const answers = (
  operation: string,
  input: Example['input'],
  answer: unknown,
  more: Partial<Pick<Example, 'as' | 'until'>> = {},
): Example => ({ as: 'root', ...more, operation, input, expected: { answer } });

/** An operation that refuses. */
export const refuses = (
  operation: string,
  input: Example['input'],
  code: string,
  message: unknown = expect.anything(),
  as: Actor = 'root',
): Example => ({ as, operation, input, expected: { refusal: { code, message } } });

/** How each service says that the caller may not: aws-facts 1.4, aws-facts-2 10.6. */
const DENIALS: Record<ServiceName, string> = {
  ec2: 'UnauthorizedOperation',
  iam: 'AccessDenied',
  sts: 'AccessDenied',
  s3: 'AccessDenied',
  ssm: 'AccessDeniedException',
  logs: 'AccessDeniedException',
  states: 'AccessDeniedException',
  scheduler: 'AccessDeniedException',
};

/** An operation that a user without any policy may not call. */
export const denied = (service: ServiceName, operation: string, input: Example['input'] = {}): Example =>
  refuses(operation, input, DENIALS[service], undefined, 'nobody');
