import { DescribeExecutionCommand, type DescribeExecutionCommandOutput, type SFNClient } from '@aws-sdk/client-sfn';
import type { ElevationItem } from '../../state-machine/api';
import { type Request, requestSchema } from '../../state-machine/document';
import { nameRequester } from '../../state-machine/requester';
import { isAws } from '../common/awsErrors';
import { iso } from '../common/clock';

/** What an execution's input says of it for ever, without its script. */
export type Asked = Pick<ElevationItem, 'instanceId' | 'grant' | 'work' | 'requester' | 'reason'>;

export const askedIn = ({ instanceId, grant, work, requester, reason }: Request): Asked => ({
  instanceId,
  grant,
  work: 'hold' in work ? 'hold' : 'script',
  requester: nameRequester(requester),
  reason: reason ?? null,
});

/** @returns undefined when it is no request: somebody started an execution with anything */
export function readInput(input: string | undefined): Request | undefined {
  try {
    return requestSchema.safeParse(JSON.parse(input ?? 'null')).data;
  } catch {
    return undefined;
  }
}

/** ARN of an elevation of this deployment, by its name. */
export const elevationArn = (machineArn: string, name: string): string =>
  `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** @returns undefined when Step Functions does not know it: never, or not any more */
export async function describeExecution(
  sfn: SFNClient,
  executionArn: string,
): Promise<DescribeExecutionCommandOutput | undefined> {
  try {
    return await sfn.send(new DescribeExecutionCommand({ executionArn }));
  } catch (error) {
    if (isAws(error, 'ExecutionDoesNotExist')) return undefined;
    throw error;
  }
}

/** What DescribeExecution, ListExecutions and StartExecution say of an execution. */
interface Execution {
  name?: string;
  status?: string;
  startDate?: Date;
  stopDate?: Date;
}

export const itemOf = (
  asked: Asked,
  { name = '', status = 'RUNNING', startDate, stopDate }: Execution,
): ElevationItem => ({
  name,
  ...asked,
  status: status as ElevationItem['status'],
  started: iso(startDate?.getTime() ?? 0),
  stopped: stopDate ? iso(stopDate.getTime()) : null,
  href: hrefOf(asked, name),
});

const hrefOf = ({ grant, instanceId }: Asked, name: string): string =>
  `/grants/${grant}/instances/${instanceId}/elevations/${encodeURIComponent(name)}`;
