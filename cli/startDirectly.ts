import { randomBytes } from 'node:crypto';
import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Again } from './again';
import type { Connection } from './commands/options';
import { type Deployment, executionArnOf } from './deployment';
import { directRun } from './directRun';
import { EXIT } from './exitCodes';
import { isDefiniteNo, refused } from './failure';
import { follow } from './follow';
import type { LastWords } from './interruptible';
import type { Surroundings } from './surroundings';

export interface DirectStart extends Connection {
  around: Surroundings;
  again: Again;
  lastWords: LastWords;
  /** Of the execution; default: a new one. */
  name: string | undefined;
  /** What is started, for the person at the terminal. */
  what: string;
  json: boolean;
  detach: boolean;
}

/**
 * Starts an elevation past the API, as an administrator, and follows it if it is not detached.
 * @returns the exit code
 */
export async function startDirectly(start: DirectStart, input: object): Promise<number> {
  const { around, clients, deployment, again, lastWords, json } = start;
  const name = start.name ?? newName(around.clock.now());
  around.err(`${name}: ${start.what}, by ${deployment.name}\n`);
  lastWords.say(mayHaveStarted(name, again));
  const executionArn = await startOnce(clients.sfn, deployment, name, input).catch((error) => {
    if (isDefiniteNo(error)) lastWords.say('Nothing was started.');
    throw startFailure(error, name);
  });
  const followed = directRun({ around, clients, deployment, again }, executionArn);
  if (!start.detach) return follow({ around, json, lastWords }, followed);
  around.out(json ? `${JSON.stringify({ name, executionArn }, null, 2)}\n` : `${name}\n`);
  around.err(`${followed.goesOn}\n`);
  return EXIT.done;
}

/** Sorts by time, as the console's list does not by itself: 20261122-065209-1f2e3d. */
function newName(now: number): string {
  const [date, time] = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  return `${date}-${time}-${randomBytes(3).toString('hex')}`;
}

/**
 * The same name and request are the same run. StartExecution sees to it while the execution runs (aws-facts 5.3), so that
 * the SDK may ask again when an answer is lost; of one that has ended the input is compared here.
 */
async function startOnce(sfn: SFNClient, deployment: Deployment, name: string, request: object): Promise<string> {
  const input = JSON.stringify(request);
  const command = new StartExecutionCommand({ stateMachineArn: deployment.elevation, name, input });
  try {
    return (await sfn.send(command)).executionArn as string;
  } catch (error) {
    if ((error as Error).name !== 'ExecutionAlreadyExists') throw error;
    const executionArn = executionArnOf(deployment, name);
    const there = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (there.input === input) return executionArn;
    throw error;
  }
}

/** What the caller can mend. */
function startFailure(error: unknown, name: string): unknown {
  const { name: code, message } = error as Error;
  if (code === 'ExecutionAlreadyExists') {
    return refused(`There was a run '${name}' already, with another request: give another --name.`);
  }
  if (code === 'InvalidName' || (code === 'ValidationException' && message.includes("'name'"))) {
    return refused(`'${name}' is no name for an execution: at most 80 letters, digits, - and _. ${message}`);
  }
  return error;
}

const mayHaveStarted = (name: string, again: Again): string =>
  [
    'It is not known whether the run was started.',
    `  See whether it was:  ${again.stepup('status', name)}`,
    `  If not, the same command with --name ${name} is the same run.`,
  ].join('\n');
