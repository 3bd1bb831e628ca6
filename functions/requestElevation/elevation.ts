import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import type { Elevation } from '../../state-machine/api';
import { readCause } from '../../state-machine/cause';
import { outcomeSchema, type Request, scriptSchema, tempRoleSchema } from '../../state-machine/document';
import { endOfHold } from '../../state-machine/hold';
import { z } from '../../state-machine/schema';
import { iso } from '../common/clock';
import { parseExecution } from '../common/names';
import { newestRecovery, type RecoveryStand } from '../common/recovery';
import type { Dependencies } from './dependencies';
import { askedIn, describeExecution, itemOf, readInput } from './executions';
import { readPlace, readTimeline, type Timeline } from './timeline';

/** What a run had come to when it entered its last state, or ended; each part only if it is whole. */
const part = <T>(schema: z.ZodMiniType<T>) => z.catch(z.optional(schema), undefined);
const partsSchema = z.catch(
  z.object({
    tempRole: part(tempRoleSchema),
    hold: z.optional(z.unknown()),
    script: part(scriptSchema),
    outcome: part(outcomeSchema),
  }),
  {},
);
type Parts = z.infer<typeof partsSchema>;

/** An elevation, and what it was asked for. */
export interface Found {
  request: Request;
  elevation: Elevation;
}

/**
 * Reads where an elevation stands, or how it ended. History is believed where DescribeExecution lags (aws-facts-2 18.2).
 * @returns undefined when there is none of that ARN, or an execution that was started with anything
 */
export async function readElevation(executionArn: string, deps: Dependencies): Promise<Found | undefined> {
  const { sfn, config } = deps;
  const execution = await describeExecution(sfn, executionArn);
  const request = readInput(execution?.input);
  if (!execution || !request) return undefined;
  const timeline = await readTimeline(sfn, executionArn);
  const place = await readPlace(sfn, executionArn);
  const parts = partsSchema.parse(
    execution.status === 'SUCCEEDED' ? JSON.parse(execution.output ?? '{}') : place?.document,
  );
  const { status = execution.status, at } = timeline.end ?? {};
  const ended = { ...execution, status, stopDate: at === undefined ? execution.stopDate : new Date(at) };
  const recovery = isLeftToRecovery(status, timeline)
    ? await newestRecovery(sfn, parseExecution(executionArn), config.deployment, ended.startDate)
    : undefined;
  const elevation: Elevation = {
    ...itemOf(askedIn(request), ended),
    executionArn,
    state: timeline.entered.at(-1)?.state ?? null,
    timeline: timeline.entered.map(({ state, at: entered }) => ({ state, entered: iso(entered) })),
    expires: parts.tempRole?.expires ?? null,
    outcome: outcomeOf(ended, timeline, parts, recovery),
    recovery: recovery ? { executionArn: recovery.executionArn, status: recovery.status } : null,
    script: scriptOf(parts),
    hold: holdOf(timeline, parts),
  };
  return { request, elevation };
}

const entered = ({ entered: all }: Timeline, state: string): boolean => all.some((one) => one.state === state);

/** As recover decides it: something had been made, and no Restore of the run's own has come to an end. */
function isLeftToRecovery(status: string | undefined, timeline: Timeline): boolean {
  if (status === 'RUNNING' || status === 'SUCCEEDED' || !entered(timeline, 'CreateTempRole')) return false;
  const last = timeline.entered.at(-1)?.state;
  return !(last === 'ElevationFailed' || last === 'RestoreFailed') || entered(timeline, 'RestoreGaveUp');
}

/** What Step Functions gives no error for. */
const UNNAMED: Record<string, string> = { ABORTED: 'Aborted', TIMED_OUT: 'States.Timeout' };

function outcomeOf(
  { status, error, cause = '' }: Pick<DescribeExecutionCommandOutput, 'status' | 'error' | 'cause'>,
  timeline: Timeline,
  { outcome }: Parts,
  recovery: RecoveryStand | undefined,
): Elevation['outcome'] {
  if (!status || status === 'RUNNING' || status === 'PENDING_REDRIVE') return null;
  if (status === 'SUCCEEDED') return { error: '', cause: '', ...restoredBy(outcome) };
  const named = { error: error || UNNAMED[status] || status, cause: readCause(cause) };
  if (!isLeftToRecovery(status, timeline)) return { ...named, ...restoredBy(outcome) };
  const by = outcomeSchema.safeParse(recovery?.outcome).data;
  if (recovery && by?.done) return { ...named, ...restoredBy(by) };
  return { ...named, restored: null, notes: [`It ended before it had restored: ${howItGoesOn(recovery)}`] };
}

function howItGoesOn(recovery: RecoveryStand | undefined): string {
  if (!recovery) return 'a recovery begins within seconds, or at the next turn of sweep.';
  const { status, error, cause = '' } = recovery;
  if (status === 'RUNNING') return 'a recovery restores it.';
  const why = [error, readCause(cause).replace(/\.$/, '')].filter(Boolean).join(': ');
  return `its recovery has ended as ${status}${why && `, ${why}`}. Sweep tries again; see the runbook.`;
}

const restoredBy = (outcome: Parts['outcome']) => ({
  restored: outcome?.restored ?? null,
  notes: outcome?.notes ?? [],
});

/** The end of an output, where scripts say what went wrong. */
const TAIL = 4_000;

function scriptOf({ script }: Parts): Elevation['script'] {
  if (!script?.done) return null;
  const { status, exitCode, stdout, stderr, truncated, stdoutUrl, stderrUrl, logGroup, logStreams } = script;
  return {
    ...{ status, exitCode, stdout: stdout.slice(-TAIL), stderr: stderr.slice(-TAIL) },
    ...{ truncated: truncated || stdout.length > TAIL || stderr.length > TAIL },
    ...{ stdoutUrl, stderrUrl, logGroup, logStreams },
  };
}

function holdOf({ hold }: Timeline, { hold: how }: Parts): Elevation['hold'] {
  if (!hold) return null;
  const end = how === undefined ? undefined : endOfHold(how);
  return {
    since: iso(hold.since),
    until: iso(hold.until),
    released: typeof end === 'object' ? end.released.by : null,
  };
}
