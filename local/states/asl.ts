/** The part of the Amazon States Language (JSONPath) that this engine interprets, as load.ts lets it through. */
export interface Definition {
  StartAt: string;
  TimeoutSeconds?: number;
  States: Record<string, State>;
}

export type State = TaskState | CallbackState | ChoiceState | WaitState | PassState | SucceedState | FailState;

interface Transition {
  Next?: string;
  End?: boolean;
}

interface Templated {
  Parameters?: unknown;
  ResultPath?: string | null;
}

export interface TaskState extends Transition, Templated {
  Type: 'Task';
  Resource: string;
  TimeoutSeconds?: number;
  Retry?: Retrier[];
  Catch?: Catcher[];
}

/** The end of the ARN that has a Task invoke a function and then wait for whoever has its token. */
export const WAITS_FOR_TOKEN = ':states:::lambda:invoke.waitForTaskToken';

/** A Task whose Resource ends so. */
export interface CallbackState extends Omit<TaskState, 'Parameters'> {
  TimeoutSecondsPath?: string;
  Parameters: { FunctionName: string; Payload: unknown };
}

export const waitsForToken = (state: TaskState | CallbackState): state is CallbackState =>
  state.Resource.endsWith(WAITS_FOR_TOKEN);

export interface ChoiceState {
  Type: 'Choice';
  Choices: (Rule & { Next: string })[];
  Default?: string;
}

export interface WaitState extends Transition {
  Type: 'Wait';
  Seconds?: number;
  SecondsPath?: string;
}

export interface PassState extends Transition, Templated {
  Type: 'Pass';
  Result?: unknown;
}

export interface SucceedState {
  Type: 'Succeed';
}

export interface FailState {
  Type: 'Fail';
  Error?: string;
  ErrorPath?: string;
  Cause?: string;
  CausePath?: string;
}

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  ErrorEquals: string[];
  ResultPath?: string | null;
  Next: string;
}

/** `And`, `Or`, `Not`, or a Variable with one comparison. */
export type Rule = Record<string, unknown>;
