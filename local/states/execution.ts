import type { Clock } from '../clock';
import type { Definition } from './asl';
import { RuntimeFailure } from './failures';

export interface Machine {
  name: string;
  arn: string;
  roleArn: string;
  roleName: string;
  definition: Definition;
  createdAt: number;
}

/** In the shape of GetExecutionHistory: the details under their own key. */
export interface HistoryEvent extends Record<string, unknown> {
  id: number;
  previousEventId: number;
  timestamp: Date;
  type: string;
}

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Outcome {
  output?: string;
  error?: string;
  cause?: string;
}

/** Thrown into an interpreter whose execution was closed from outside. */
export class Closed extends Error {}

export const ELAPSED = Symbol('elapsed');

/** aws-facts 5.3; the last one is the failure itself. */
const MOST_EVENTS = 25_000;

/** Data in history is whole, never cut. */
export const WHOLE = { truncated: false };

/** One execution: its history, its end, and waiting that ends with it. */
export class Execution {
  readonly events: HistoryEvent[] = [];
  readonly startedAt: number;
  status: Status = 'RUNNING';
  stoppedAt?: number;
  outcome: Outcome = {};
  private readonly closing = new AbortController();

  constructor(
    readonly arn: string,
    readonly name: string,
    readonly machine: Machine,
    readonly input: string,
    private readonly clock: Clock,
    private readonly onChange: (execution: Execution) => void,
  ) {
    this.startedAt = clock.now();
    this.record('ExecutionStarted', { input, inputDetails: WHOLE, roleArn: machine.roleArn });
    onChange(this);
    const seconds = machine.definition.TimeoutSeconds;
    if (seconds === undefined) return;
    const cancel = clock.after(seconds * 1000, () => this.close('TIMED_OUT'));
    this.closing.signal.addEventListener('abort', cancel);
  }

  /** AWS links the first state to 0, not to ExecutionStarted; all others to the event before. */
  record(type: string, details?: object, previousEventId = this.events.length === 1 ? 0 : this.events.length) {
    if (this.closing.signal.aborted) throw new Closed();
    if (this.events.length === MOST_EVENTS - 1 && !type.startsWith('Execution')) {
      // Unconfirmed: name and cause.
      throw new RuntimeFailure(`The execution reached the maximum number of history events (${MOST_EVENTS}).`);
    }
    const event: HistoryEvent = {
      timestamp: new Date(this.clock.now()),
      type,
      id: this.events.length + 1,
      previousEventId,
      ...(details && { [detailsKey(type)]: details }),
    };
    this.events.push(event);
    return event;
  }

  /** Ends the execution, whatever it was waiting for. A function that is running goes on. */
  close(status: Exclude<Status, 'RUNNING'>, outcome: Outcome = {}): void {
    if (this.status !== 'RUNNING') return;
    if (status === 'SUCCEEDED') this.record('ExecutionSucceeded', { ...outcome, outputDetails: WHOLE });
    if (status === 'FAILED') this.record('ExecutionFailed', outcome);
    if (status === 'ABORTED') this.record('ExecutionAborted', outcome, 0);
    // aws-facts-2 12.3: the error is in the history only. Unconfirmed: previousEventId, taken from ExecutionAborted.
    if (status === 'TIMED_OUT') this.record('ExecutionTimedOut', { error: 'States.Timeout' }, 0);
    this.status = status;
    this.outcome = outcome;
    this.stoppedAt = this.clock.now();
    this.abandon();
    this.onChange(this);
  }

  /** Stops interpreting without a trace: the world ends. */
  abandon(): void {
    this.closing.abort();
  }

  /**
   * Waits for `work` (or for nothing), at most `ms`.
   * @throws Closed as soon as the execution ends
   */
  wait<T = never>(ms?: number, work?: Promise<T>): Promise<T | typeof ELAPSED> {
    return new Promise((resolve, reject) => {
      const { signal } = this.closing;
      if (signal.aborted) throw new Closed();
      const settle = (how: () => void) => {
        cancel?.();
        signal.removeEventListener('abort', closed);
        how();
      };
      const closed = () => settle(() => reject(new Closed()));
      const cancel = ms === undefined ? undefined : this.clock.after(ms, () => settle(() => resolve(ELAPSED)));
      signal.addEventListener('abort', closed);
      work?.then(
        (value) => settle(() => resolve(value)),
        (error) => settle(() => reject(error)),
      );
    });
  }
}

/** TaskStateEntered -> stateEnteredEventDetails, LambdaFunctionFailed -> lambdaFunctionFailedEventDetails. */
function detailsKey(type: string): string {
  const name = type.replace(/^.*(?=State(Entered|Exited)$)/, '');
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}EventDetails`;
}
