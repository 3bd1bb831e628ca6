import type { Outcome, TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { iso } from '../common/clock';
import { parseElevation } from '../common/names';
import { refusing } from '../common/refusal';
import { type Evidence, gather } from './evidence';
import { type Dependencies, everyTaskAnswered, look, pending, type Run, STRAGGLERS_MS } from './look';
import { firstError, notesOfHold } from './outcome';
import { type Rehearsal, rehearse } from './rehearse';
import { countAttempt, countingErrors, elevatedBy, reportLook } from './report';

/**
 * Gives an instance its original profile back and takes the grant from the temp role; with purpose 'rehearse', only tries
 * whether it could. Safe to repeat at any time, for any elevation of this deployment, in any state.
 * @throws StepUpError RequestInvalid when asked for an execution that is not this deployment's; whatever AWS refuses
 *   (the state tries again)
 */
export const restore = (event: TaskEvent, deps: Dependencies): Promise<Outcome | Rehearsal> =>
  countingErrors<Outcome | Rehearsal>(event, deps.log, () =>
    event.purpose === 'rehearse' ? refusing(deps.log, () => rehearse(event, deps)) : undoRun(event, deps),
  );

async function undoRun(event: TaskEvent, deps: Dependencies): Promise<Outcome> {
  const execution = executionOf(event, deps.config.deployment);
  const { run, evidence } = await find(event, execution, deps);
  const outcome = run ? await look(run, deps) : nothingToUndo(event, evidence, deps.clock.now());
  reportLook(event, run?.closed ?? false, outcome, deps.log);
  return outcome;
}

/** Reads what there is to undo, and counts the look. */
async function find(
  event: TaskEvent,
  execution: string,
  deps: Dependencies,
): Promise<{ run: Run | undefined; evidence: Evidence }> {
  const { document, state } = event;
  const first = Date.parse(document.outcome?.since ?? state.EnteredTime);
  try {
    const evidence = await gather(event, execution, deps);
    const { record, history } = evidence;
    const { grant, requester } = { ...record, ...history };
    const run = runOf(event, execution, evidence, deps);
    deps.log.knows({ instanceId: run?.instanceId, grant, requester });
    countAttempt(run?.closed ? undefined : Math.min(run?.since ?? first, first), deps);
    return { run, evidence };
  } catch (error) {
    countAttempt(first, deps);
    throw error;
  }
}

function executionOf({ purpose, document, execution }: TaskEvent, deployment: string): string {
  const named = purpose === 'recover' ? (document.request as { execution?: unknown } | null)?.execution : execution.Id;
  if (typeof named === 'string') return parseElevation(named, deployment).arn;
  throw new StepUpError('RequestInvalid', 'Recovery is started with {"execution": "the ARN of an elevation"}.');
}

/** @returns undefined when nothing was ever begun that would have to be undone */
function runOf(event: TaskEvent, execution: string, evidence: Evidence, deps: Dependencies): Run | undefined {
  const { document, state, purpose } = event;
  const { history, tempRole, record, tampered, unread } = evidence;
  const instanceId = history?.instanceId ?? record?.instanceArn.split('/')[1];
  if (unread && !history?.capture) throw unread;
  if (!instanceId || (!tempRole && !history?.begun)) return undefined;
  const now = deps.clock.now();
  const earlier = document.outcome;
  const own = purpose === 'restore';
  const since = Math.min(now, ...[tempRole?.restoringSince, earlier?.since].map(timeOf).filter(Number.isFinite));
  const quiet = own && tempRole !== undefined && everyTaskAnswered(document) && (state.RetryCount ?? 0) === 0;
  return {
    execution,
    instanceId,
    original: history?.capture ? history.capture.original : (record?.original ?? null),
    tempRole,
    tampered,
    unread,
    closed: tempRole ? tempRole.state === 'draining' : !unread && mayHaveDrained(event, evidence, deps),
    neverSwapped: (own || history?.ended !== undefined) && history?.tempRoleId === undefined,
    since,
    elevated: elevatedBy(event, evidence),
    aloneAt: quiet ? now : Math.max(since, history?.ended ?? 0) + STRAGGLERS_MS,
    obstacle: earlier?.obstacle,
    commandId: history?.commandId,
    failure: own ? firstError(document) : undefined,
    earlierNotes: [...(own ? notesOfHold(document) : []), ...(evidence.deaf ? [DEAF] : []), ...(earlier?.notes ?? [])],
  };
}

const DEAF = 'Step Functions did not show the history of the run: the record alone was followed.';

const timeOf = (iso: string | undefined): number => Date.parse(iso ?? '');

/**
 * A role that is not there was either deleted by somebody, and the original is still owed; or it has drained, long after the
 * run was closed. The latter only when somebody comes back to an old run: by a redrive, or a late recovery.
 */
function mayHaveDrained(
  { purpose, execution }: TaskEvent,
  { history }: Evidence,
  { clock, config }: Dependencies,
): boolean {
  const redriven = (execution.RedriveCount ?? 0) > 0;
  const before = purpose === 'recover' ? history?.ended : redriven ? history?.started : undefined;
  return before !== undefined && clock.now() >= before + config.drainMs;
}

/** Believed at once of a run that shows its whole history; else only when no role has come up meanwhile. */
function nothingToUndo(event: TaskEvent, { history }: Evidence, now: number): Outcome {
  const { document, purpose } = event;
  const since = document.outcome ? Date.parse(document.outcome.since) : now;
  const left = since + STRAGGLERS_MS - now;
  const notes = ['No temp role was ever begun: there was nothing to undo.'];
  if (history?.ended === undefined && left > 0) return pending({ since }, left / 1_000, notes);
  const failure = purpose === 'recover' ? undefined : firstError(document);
  return {
    done: true,
    waitSeconds: 0,
    restored: 'nothing-to-undo',
    result: failure ? 'ElevationFailed' : 'Succeeded',
    error: failure?.error ?? '',
    cause: failure?.cause ?? '',
    notes,
    since: iso(since),
    tempRole: null,
  };
}
