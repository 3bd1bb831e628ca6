import { type HistoryEvent, paginateGetExecutionHistory, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import type { Release } from '../../state-machine/document';
import type { Stage } from './stage';

/** Everything that the history of a run shows. */
export const historyOf = (stage: Stage, executionArn: string): Promise<HistoryEvent[]> =>
  stage.during(readHistory(stage, executionArn));

async function readHistory({ sfn: client }: Stage, executionArn: string): Promise<HistoryEvent[]> {
  const all: HistoryEvent[] = [];
  for await (const { events = [] } of paginateGetExecutionHistory({ client }, { executionArn })) all.push(...events);
  return all;
}

/** The tokens of a run's hold, one for each attempt: nothing but its history has them. */
export const tokensOf = (history: HistoryEvent[]): string[] =>
  history.flatMap(({ taskScheduledEventDetails: details }) =>
    details ? [JSON.parse(details.parameters ?? '').Payload.token] : [],
  );

/** Starts a hold, and lets time pass until it has begun. */
export async function held(stage: Stage, request: object): Promise<{ run: string; token: string }> {
  const run = await stage.start(request);
  for (let looks = 0; looks < 60; looks += 1) {
    const history = await historyOf(stage, run);
    const token = tokensOf(history).at(-1);
    if (token && history.at(-1)?.type === 'TaskSubmitted') return { run, token };
    await stage.pass(10);
  }
  throw new Error(`${run} is not held: ${(await stage.states(run)).join()}`);
}

export const RELEASED: Release = {
  released: { by: 'arn:aws:sts::123456789012:assumed-role/Ops/me AROA:me', at: '2026-01-05T10:00:00Z' },
};

/** Tells the hold of a token that it is over. */
export const release = ({ sfn, during }: Stage, taskToken: string, output: unknown = RELEASED) =>
  during(sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) })));
