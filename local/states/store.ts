import { AwsError, validationMessage, type World } from '../world';
import type { Execution, Machine } from './execution';
import { publishStatus } from './status';
import { Tokens } from './tokens';

/** History is kept, and the name taken, for 90 days after the end (aws-facts 5.3). */
const RETENTION = 90 * 24 * 3_600_000;
/** aws-facts-2 18.2 */
const TOKEN_LIFETIME = 24 * 3_600_000;

/** State machines, executions and task tokens of one world, and the questions that several operations ask. */
export class Store {
  readonly machines = new Map<string, Machine>();
  readonly executions = new Map<string, Execution>();
  readonly tokens: Tokens;

  constructor(readonly world: World) {
    this.tokens = new Tokens(world.ids);
  }

  machine(arn: string): Machine {
    const machine = this.machines.get(arn);
    if (machine) return machine;
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  /**
   * DeleteStateMachine: "On the next state transition, the state machine's executions are terminated"; the machine goes
   * with the last of them. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
   */
  removeMachine(arn: string): void {
    const machine = this.machines.get(arn);
    if (machine) machine.deleting = true;
    for (const execution of this.executions.values()) if (execution.machine.arn === arn) execution.doomed = true;
    this.forgetIfIdle(arn);
  }

  /** Hears of every execution that begins or ends. Unconfirmed: a machine that is being deleted publishes no event. */
  changed(execution: Execution): void {
    if (execution.doomed) this.forgetIfIdle(execution.machine.arn);
    else publishStatus(this.world, execution);
  }

  /** Unconfirmed: the text. */
  beingDeleted(arn: string): AwsError {
    return new AwsError('StateMachineDeleting', `State Machine is being deleted: '${arn}'`);
  }

  private forgetIfIdle(arn: string): void {
    const runs = [...this.executions.values()].some(
      (execution) => execution.machine.arn === arn && execution.status === 'RUNNING',
    );
    if (!runs) this.machines.delete(arn);
  }

  execution(arn: string): Execution {
    const execution = this.remembered(arn);
    if (execution) return execution;
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  remembered(arn: string): Execution | undefined {
    const execution = this.executions.get(arn);
    const closedFor = this.world.clock.now() - (execution?.stoppedAt ?? this.world.clock.now());
    return closedFor > RETENTION ? undefined : execution;
  }

  /** One page, and the token of the next. */
  page<T>(items: T[], size: number | undefined, token: string | undefined): { items: T[]; nextToken?: string } {
    const now = this.world.clock.now();
    const [start, issued] = token === undefined ? [0, now] : decode(token);
    if (Number.isNaN(start + issued) || now - issued > TOKEN_LIFETIME) {
      throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    }
    const end = start + (size || 100);
    const nextToken = end < items.length ? Buffer.from(`${end} ${now}`).toString('base64') : undefined;
    return { items: items.slice(start, end), nextToken };
  }
}

function decode(token: string): [number, number] {
  const [start, issued] = Buffer.from(token, 'base64').toString().split(' ').map(Number);
  return [start ?? Number.NaN, issued ?? Number.NaN];
}

/** Parameter validation of an ARN. */
export function checkArn(arn: string | undefined, name: string): string {
  if (!arn) throw validation(name, undefined, 'not be null');
  if (!arn.startsWith('arn:')) throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  return arn;
}

/** Parameter validation of a page's size; 0 means the default. */
export function checkPageSize(size: number | undefined): void {
  if (size === undefined || (size >= 0 && size <= 1000)) return;
  throw validation('maxResults', size, 'have value between 0 and 1000');
}

export const validation = (name: string, value: unknown, constraint: string) =>
  new AwsError('ValidationException', validationMessage([[name, value, constraint]]));
