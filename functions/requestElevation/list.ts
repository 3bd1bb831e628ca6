import { type ExecutionListItem, ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { type ElevationItem, elevationItemSchema, type elevationsSchema } from '../../state-machine/api';
import type { z } from '../../state-machine/schema';
import { isAws } from '../common/awsErrors';
import { type Answer, answer } from './answer';
import { cursorOf, type Listed, tokenIn } from './cursor';
import type { Dependencies } from './dependencies';
import { type Asked, askedIn, describeExecution, itemOf, readInput } from './executions';
import { wrongParameters, wrongQuery } from './fields';
import { requireNone, type Wrong } from './problem';
import type { Call } from './routing';

const PARAMETERS = ['limit', 'next', 'status'] as const;
export const LARGEST_PAGE = 50;
export const PAGE = 20;

/** DescribeExecution is asked once for each execution that a sandbox has not seen, and its bucket has 250 or 300 (Step Functions Developer Guide, quotas). */
const MOST_LOOKED_AT = 100;
const MOST_CALLS = 5;
const AT_ONCE = 8;

/** GET /elevations and GET /instances/{instanceId}/elevations: the newest first. */
export async function listElevations(call: Call, deps: Dependencies): Promise<Answer> {
  const { instanceId } = call.parameters;
  const { limit, token, status } = readQuery(call);
  const listed: Listed = { instanceId, status };
  deps.log.knows({ instanceId });
  const elevations: ElevationItem[] = [];
  let next = token;
  let looked = 0;
  for (let calls = 0; calls < MOST_CALLS && elevations.length < limit && looked < MOST_LOOKED_AT; calls += 1) {
    const page = await pageOf(deps, { maxResults: limit - elevations.length, token: next, status });
    const items = await itemsOf(page.executions, deps.sfn);
    elevations.push(...items.filter((item) => instanceId === undefined || item.instanceId === instanceId));
    looked += page.executions.length;
    next = page.token;
    if (next === undefined) break;
  }
  const body: z.infer<typeof elevationsSchema> = { elevations, next: next ? cursorOf(next, listed) : null };
  return answer(200, body);
}

/** @throws Refusal RequestInvalid */
function readQuery(call: Call): { limit: number; token: string | undefined; status: string | undefined } {
  const wrong = [...wrongParameters(call), ...wrongQuery(call, PARAMETERS)];
  const [given, cursor, status] = PARAMETERS.map((name) => call.query[name]?.[0]);
  const limit = given === undefined ? PAGE : Number(given);
  if (given !== undefined && !(/^[1-9]\d?$/.test(given) && limit <= LARGEST_PAGE))
    wrong.push({ parameter: 'limit', detail: `a number from 1 to ${LARGEST_PAGE}` });
  const statuses = elevationItemSchema.shape.status;
  if (status !== undefined && !statuses.safeParse(status).success)
    wrong.push({ parameter: 'status', detail: `one of ${Object.keys(statuses.def.entries).join(', ')}` });
  const token = cursor === undefined ? undefined : tokenIn(cursor, { instanceId: call.parameters.instanceId, status });
  if (cursor !== undefined && token === undefined) wrong.push(STRANGE_CURSOR);
  requireNone(wrong);
  return { limit, token, status };
}

const STRANGE_CURSOR: Wrong = {
  parameter: 'next',
  detail: "it is not from an answer of this list with this status, or older than a day: begin again without 'next'",
};

async function pageOf(
  { sfn, config }: Dependencies,
  {
    maxResults,
    token: nextToken,
    status,
  }: { maxResults: number; token: string | undefined; status: string | undefined },
): Promise<{ executions: ExecutionListItem[]; token: string | undefined }> {
  const { elevationMachine: stateMachineArn } = config;
  const statusFilter = status as ElevationItem['status'] | undefined;
  try {
    const list = new ListExecutionsCommand({ stateMachineArn, statusFilter, maxResults, nextToken });
    const { executions = [], nextToken: token } = await sfn.send(list);
    return { executions, token };
  } catch (error) {
    // A cursor may hold a token that Step Functions never made: the seal has no secret.
    if (isAws(error, 'InvalidToken') || (nextToken && isAws(error, 'Validation'))) requireNone([STRANGE_CURSOR]);
    throw error;
  }
}

/** Inputs never change: what a sandbox has seen of them it keeps, without the scripts. `null`: it is no request. */
const seen = new WeakMap<SFNClient, Map<string, Asked | null>>();
const MOST_KEPT = 5_000;

async function itemsOf(executions: ExecutionListItem[], sfn: SFNClient): Promise<ElevationItem[]> {
  const known = seen.get(sfn) ?? new Map<string, Asked | null>();
  seen.set(sfn, known);
  if (known.size > MOST_KEPT) known.clear();
  const unknown = executions.map(({ executionArn = '' }) => executionArn).filter((arn) => !known.has(arn));
  const worker = async () => {
    for (let arn = unknown.shift(); arn !== undefined; arn = unknown.shift()) {
      const execution = await describeExecution(sfn, arn);
      const request = readInput(execution?.input);
      if (execution) known.set(arn, request ? askedIn(request) : null);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return executions.flatMap((execution) => {
    const asked = known.get(execution.executionArn ?? '');
    return asked ? [itemOf(asked, execution)] : [];
  });
}
