import { isDeepStrictEqual } from 'node:util';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Request } from '../../state-machine/document';
import { parseRequest } from '../../state-machine/request';
import { executionName } from '../../state-machine/requester';
import { isAws } from '../common/awsErrors';
import { iso } from '../common/clock';
import { OF_THE_REQUEST } from '../common/preflight/checks';
import { examine } from '../common/preflight/subject';
import { resay, withoutWork } from '../common/redact';
import { type Answer, answer } from './answer';
import type { Dependencies } from './dependencies';
import { askedIn, describeExecution, elevationArn, itemOf, readInput } from './executions';
import { wrongParameters, wrongQuery } from './fields';
import { KEY_HEADER, keyOf } from './key';
import { Refusal, requireNone } from './problem';
import { readRequestBody } from './requestBody';
import type { Call } from './routing';

/**
 * POST …/elevations: starts one, or finds the one that the same caller started with the same key.
 * @throws Refusal; StepUpError of what can be said without asking AWS: the rest the machine refuses
 */
export async function startElevation(call: Call, deps: Dependencies): Promise<Answer> {
  const { request, key } = readRequest(call, deps.clock.now());
  const { instanceId, grant } = request;
  const name = executionName({ ...call.caller, key });
  const executionArn = elevationArn(deps.config.elevationMachine, name);
  deps.log.knows({ instanceId, grant });
  deps.log.knows({ execution: executionArn });
  const refusal = await refusalOf(examine(request, { Id: executionArn, StartTime: iso(deps.clock.now()) }, deps));
  const execution = refusal
    ? await findStarted(request, executionArn, refusal, deps)
    : ((await start(request, name, deps)) ?? (await find(request, executionArn, deps)));
  const item = itemOf(askedIn(request), { name, ...execution });
  return answer(202, item, { Location: call.base + item.href, [KEY_HEADER]: key });
}

/** @throws Refusal RequestInvalid with all that is wrong anywhere; StepUpError InputTooLarge */
function readRequest(call: Call, now: number): { request: Request; key: string } {
  const body = readRequestBody(call);
  const { key, wrong } = keyOf(call, now);
  requireNone([...wrongParameters(call), ...wrongQuery(call), ...wrong, ...('wrong' in body ? body.wrong : [])]);
  const { asked } = body as Extract<typeof body, { asked: unknown }>;
  const { instanceId, grant } = call.parameters;
  const whole = parseRequest({ ...asked, instanceId, grant, requester: { ...call.caller, key } });
  // Again, as the machine will see it: what defaults added counts, and JSON has no -0.
  return { request: parseRequest(JSON.parse(JSON.stringify(whole))), key };
}

/** Why the request is refused, whatever the instance. */
async function refusalOf(subject: ReturnType<typeof examine>): Promise<unknown> {
  try {
    for (const check of OF_THE_REQUEST) await check.run(subject);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What an earlier release let start is still the answer to a repetition. */
async function findStarted(request: Request, executionArn: string, refusal: unknown, { sfn }: Dependencies) {
  const found = await describeExecution(sfn, executionArn);
  if (found && isDeepStrictEqual(readInput(found.input), request)) return found;
  throw refusal;
}

/** @returns undefined when there was one of that name before, which has ended or was asked for with another body */
async function start(request: Request, name: string, { sfn, config }: Dependencies) {
  const { elevationMachine: stateMachineArn } = config;
  // zod gives the keys back in its schema's order, so that the same body is the same text.
  const input = JSON.stringify(request);
  try {
    return await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  } catch (error) {
    if (isAws(error, 'ExecutionAlreadyExists')) return undefined;
    throw error instanceof Error ? resay(error, withoutWork(error.message, request)) : error;
  }
}

/** @throws Refusal IdempotencyKeyReused when it is another request's, Unavailable when it is not to be seen yet */
async function find(request: Request, executionArn: string, { sfn }: Dependencies) {
  const found = await describeExecution(sfn, executionArn);
  // What is described may lag (aws-facts-2 18.2).
  if (!found) {
    throw new Refusal('Unavailable', 'The elevation is not to be seen yet: try again.', {
      headers: { 'Retry-After': '2' },
    });
  }
  if (isDeepStrictEqual(readInput(found.input), request)) return found;
  throw new Refusal(
    'IdempotencyKeyReused',
    `This ${KEY_HEADER} was used for another request (${executionArn.split(':').at(-1)}): use a new one for each.`,
  );
}
