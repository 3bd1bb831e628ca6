import { createHash } from 'node:crypto';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  type ExecutionListItem,
  type ExecutionStatus,
  ListExecutionsCommand,
  paginateListExecutions,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isAws } from './awsErrors';
import { type ExecutionId, recoveryMachine } from './names';

const HASH_LENGTH = 16;
/** What the names of all recoveries of an elevation begin with; aws-facts 5.3: at most 80 characters, with the hash. */
const nameBegins = (elevation: ExecutionId): string => `${elevation.name.slice(0, 63)}-`;

/** Is it the name of one of its recoveries, or of another whose long name begins alike? */
const isNamedFor = (elevation: ExecutionId, name = ''): boolean =>
  name.startsWith(nameBegins(elevation)) && name.length === nameBegins(elevation).length + HASH_LENGTH;

/**
 * Starts a recovery of an elevation. Its name begins with the elevation's, so that a person finds it, and ends with a
 * hash over the elevation and `occasion`: the same occasion, told twice, is the same recovery.
 * @returns the recovery's execution ARN; `isNew`: it had not run before
 */
export async function startRecovery(
  sfn: SFNClient,
  elevation: ExecutionId,
  deployment: string,
  occasion: string,
): Promise<{ arn: string; isNew: boolean }> {
  const hash = createHash('sha256').update(`${elevation.arn} ${occasion}`).digest('hex').slice(0, HASH_LENGTH);
  const name = nameBegins(elevation) + hash;
  const { partition, region, account } = elevation;
  const arn = `arn:${partition}:states:${region}:${account}:execution:${recoveryMachine(deployment)}:${name}`;
  try {
    await sfn.send(
      new StartExecutionCommand({
        stateMachineArn: recoveryArn(elevation, deployment),
        name,
        input: JSON.stringify({ execution: elevation.arn }),
      }),
    );
  } catch (error) {
    // It has run and ended: this is the second telling of an event.
    if (!isAws(error, 'ExecutionAlreadyExists')) throw error;
    return { arn, isNew: false };
  }
  return { arn, isNew: true };
}

const recoveryArn = ({ partition, region, account }: ExecutionId, deployment: string): string =>
  `arn:${partition}:states:${region}:${account}:stateMachine:${recoveryMachine(deployment)}`;

/** A recovery, as ListExecutions has it. */
export type Recovery = Pick<ExecutionListItem, 'executionArn' | 'name'>;

/**
 * The recoveries that run. The list may lag (aws-facts-2 18.2), and two recoveries of one run do no harm: this spares the
 * history one recovery every quarter of an hour, while the first waits for an instance.
 * @param elevation any of this deployment's
 */
export async function runningRecoveries(
  sfn: SFNClient,
  elevation: ExecutionId,
  deployment: string,
): Promise<Recovery[]> {
  const recoveries: Recovery[] = [];
  const running = { stateMachineArn: recoveryArn(elevation, deployment), statusFilter: 'RUNNING' } as const;
  for await (const { executions = [] } of paginateListExecutions({ client: sfn, pageSize: 1_000 }, running)) {
    recoveries.push(...executions);
  }
  return recoveries;
}

/** Is one of these a recovery of this elevation? A name may have been cut: the input says whose it is. */
export async function isRecovered(sfn: SFNClient, by: Recovery[], elevation: ExecutionId): Promise<boolean> {
  for (const { executionArn } of by.filter(({ name }) => name?.startsWith(nameBegins(elevation)))) {
    const { input } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (JSON.parse(input ?? '{}').execution === elevation.arn) return true;
  }
  return false;
}

/**
 * Had the run a recovery besides this one? Of those that started last, by their names alone: for a metric, which may
 * be wrong about runs whose long names begin alike.
 */
export async function wasRecoveredBefore(sfn: SFNClient, elevation: ExecutionId, recovery: string): Promise<boolean> {
  const stateMachineArn = recovery.replace(':execution:', ':stateMachine:').replace(/:[^:]*$/, '');
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1_000 }));
  return executions.some(({ executionArn, name }) => executionArn !== recovery && isNamedFor(elevation, name));
}

/** How a recovery stands. */
export interface RecoveryStand {
  executionArn: string;
  status: ExecutionStatus;
  /** $.outcome of one that has succeeded; not yet held against its schema. */
  outcome: unknown;
  error: string | undefined;
  cause: string | undefined;
}

/** So many recoveries since the run began; of an older run none may be found. */
const PAGES_OF_RECOVERIES = 3;

/**
 * The recovery of a run that started last, if there is one.
 * @param since when the run started: no recovery is older
 */
export async function newestRecovery(
  sfn: SFNClient,
  elevation: ExecutionId,
  deployment: string,
  since: Date | undefined,
): Promise<RecoveryStand | undefined> {
  const all = { stateMachineArn: recoveryArn(elevation, deployment) };
  let pages = 0;
  for await (const { executions = [] } of paginateListExecutions({ client: sfn, pageSize: 1_000 }, all)) {
    for (const { executionArn } of executions.filter(({ name }) => isNamedFor(elevation, name))) {
      const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (JSON.parse(found.input ?? '{}').execution === elevation.arn) return standOf(found);
    }
    pages += 1;
    const oldest = executions.at(-1)?.startDate;
    if (pages === PAGES_OF_RECOVERIES || (oldest && since && oldest < since)) return undefined;
  }
  return undefined;
}

const standOf = ({ executionArn = '', status = 'RUNNING', output, error, cause }: DescribeExecutionCommandOutput) => ({
  ...{ executionArn, status, error, cause },
  outcome: (JSON.parse(output ?? '{}') as { outcome?: unknown }).outcome,
});
