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
  /** It takes no executions any more, and goes when the last one has ended. */
  deleting?: boolean;
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

/** The state that an execution is in, and what it entered it with. */
export interface Position {
  name: string;
  input: unknown;
  entered: HistoryEvent;
}

export interface Redrive {
  token: string | undefined;
  at: number;
}

/**
 * One execution from its start or from a redrive to its next end: its history, that end, and waiting that ends with it.
 * A redriven execution is a new object, so that whoever still interprets the old one finds it closed.
 */
export class Execution {
  readonly events: HistoryEvent[];
  readonly startedAt: number;
  readonly redrives: readonly Redrive[];
  position?: Position;
  status: Status = 'RUNNING';
  /** Its machine is being deleted, or is gone. */
  doomed = false;
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
    redriven?: { from: Execution; token: string | undefined },
  ) {
    const now = clock.now();
    this.events = redriven?.from.events ?? [];
    this.startedAt = redriven?.from.startedAt ?? now;
    this.position = redriven?.from.position;
    this.redrives = redriven ? [...redriven.from.redrives, { token: redriven.token, at: now }] : [];
    if (redriven) this.record('ExecutionRedriven', { redriveCount: this.redrives.length });
    else this.record('ExecutionStarted', { input, inputDetails: WHOLE, roleArn: machine.roleArn });
    onChange(this);
    const seconds = machine.definition.TimeoutSeconds;
    if (seconds === undefined) return;
    const cancel = clock.after(seconds * 1000, () => this.close('TIMED_OUT'));
    this.closing.signal.addEventListener('abort', cancel);
  }

  /**
   * The same execution, running again in the state that it ended in; its timeout begins anew. Unconfirmed: a Wait waits
   * its whole time again.
   */
  redrive(token: string | undefined): Execution {
    const { arn, name, machine, input, clock, onChange } = this;
    return new Execution(arn, name, machine, input, clock, onChange, { from: this, token });
  }

  record(type: string, details?: object, previousEventId = this.eventBefore(type)) {
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

  /**
   * AWS links the first state to 0, not to ExecutionStarted, and what a redriven state does first to where it was
   * entered, not to ExecutionRedriven (recorded); all others to the event before.
   */
  private eventBefore(type: string): number {
    const last = this.events.at(-1)?.type;
    if (last === 'ExecutionStarted') return 0;
    if (last === 'ExecutionRedriven' && !type.startsWith('Execution')) return this.position!.entered.id;
    return this.events.length;
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

  /** Has `action` done in the instant in which the execution ends, before anybody is told. */
  onEnd(action: () => void): void {
    this.closing.signal.addEventListener('abort', action);
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
      const settle = (how: () => void) => {
        cancel?.();
        signal.removeEventListener('abort', closed);
        how();
      };
      const closed = () => settle(() => reject(new Closed()));
      let cancel: (() => void) | undefined;
      // Whatever becomes of the work, somebody has heard of it.
      work?.then(
        (value) => settle(() => resolve(value)),
        (error) => settle(() => reject(error)),
      );
      if (signal.aborted) return closed();
      if (ms !== undefined) cancel = this.clock.after(ms, () => settle(() => resolve(ELAPSED)));
      signal.addEventListener('abort', closed);
    });
  }
}

/** TaskStateEntered -> stateEnteredEventDetails, LambdaFunctionFailed -> lambdaFunctionFailedEventDetails. */
function detailsKey(type: string): string {
  const name = type.replace(/^.*(?=State(Entered|Exited)$)/, '');
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}EventDetails`;
}
