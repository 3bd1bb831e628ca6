import type { OperationId } from '../../state-machine/routes';
import { reportFailure } from '../common/failure';
import type { Answer } from './answer';
import type { Dependencies } from './dependencies';
import { diagnoseInstance } from './diagnoseInstance';
import { readEvent, requestIdOf } from './event';
import { getElevation } from './get';
import { listGrants } from './grants';
import { listElevations } from './list';
import { problemOf, Refusal } from './problem';
import { releaseElevation } from './release';
import { type Call, route } from './routing';
import { startElevation } from './start';

type Operation = (call: Call, deps: Dependencies) => Promise<Answer>;

const OPERATIONS: Record<OperationId, Operation> = {
  listElevations,
  listElevationsOfInstance: listElevations,
  listGrants,
  diagnoseInstance,
  startElevation,
  getElevation,
  releaseElevation,
};

/**
 * Answers a request to the API, whatever it is: an error is an answer, too.
 * @param event of API Gateway, a Lambda proxy integration of a REST API
 */
export async function requestElevation(event: unknown, deps: Dependencies): Promise<Answer> {
  let operation: OperationId | undefined;
  try {
    const given = await route(readEvent(event), (call) => {
      operation = call.operation;
      return OPERATIONS[call.operation](call, deps);
    });
    deps.log.info('answered', { operation, status: given.statusCode });
    return given;
  } catch (error) {
    return refused(error, event, operation, deps);
  }
}

/** What the caller can mend is no failure of ours. */
function refused(error: unknown, event: unknown, operation: OperationId | undefined, deps: Dependencies): Answer {
  const { log, config } = deps;
  const problem = problemOf(error, requestIdOf(event), config.runbook);
  const { title } = JSON.parse(problem.body) as { title: string };
  const { body } = (event ?? {}) as { body?: unknown };
  if (problem.statusCode >= 500 && !(error instanceof Refusal)) reportFailure(log, error, { work: body });
  log.info('refused', { operation, status: problem.statusCode, error: title });
  return problem;
}
