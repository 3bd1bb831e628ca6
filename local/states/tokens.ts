import { AwsError, type Ids } from '../world';

/** One task that waits to be told its result by whoever has its token. */
export interface Callback {
  token: string;
  /** The result that it is told. Never rejects. */
  result: Promise<unknown>;
  /** Nobody waits any more: the token is dead. */
  end(): void;
}

/** Length of AWS's own, which are opaque, too; the model allows 2,048. */
const LENGTH = 640;

/** Task tokens of one world: each is good for one answer, while its task waits. */
export class Tokens {
  /** By token; undefined: that task is over. */
  private readonly waiting = new Map<string, ((result: unknown) => void) | undefined>();

  constructor(private readonly ids: Ids) {}

  issue(): Callback {
    const token = this.ids.secret(LENGTH);
    const result = new Promise<unknown>((resolve) => void this.waiting.set(token, resolve));
    return { token, result, end: () => void this.waiting.set(token, undefined) };
  }

  /** @throws AwsError InvalidToken for what is no token, TaskTimedOut when its task is over */
  succeed(token: string, result: unknown): void {
    if (!this.waiting.has(token)) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    const tell = this.waiting.get(token);
    // Recorded by AWS for a token that had been used (aws-samples/amazon-mwaa-examples issue 61). Unconfirmed: that a task
    // which timed out, or whose execution was stopped, answers the same and not TaskDoesNotExist (aws-facts-2 18.2).
    if (!tell) throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    this.waiting.set(token, undefined);
    tell(result);
  }
}
