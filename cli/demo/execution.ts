import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { Document } from '../../state-machine/document';
import elevation from '../../state-machine/elevation.asl.json';
import recovery from '../../state-machine/recovery.asl.json';
import type { Progress, Step } from './progress';

const POLL_MS = 100;
const END = /^Execution(?:Succeeded|Failed|TimedOut|Aborted)$/;

type Machine = 'elevation' | 'recovery';
const STATES: Record<Machine, Record<string, { Comment: string } | undefined>> = {
  elevation: elevation.States,
  recovery: recovery.States,
};

/** The states' own comments are what a person reads in the console too; here their first sentences. */
const inWords = (machine: Machine, state: string): string =>
  `${state.padEnd(18)} ${STATES[machine][state]?.Comment.replace(/(?<=[.?]) .*/, '')}`;

/** An execution that has ended. */
export interface Ended {
  events: HistoryEvent[];
  status: string;
  error?: string;
  cause?: string;
  /** What travelled through the machine, as the last state left it. */
  document: Document;
}

type OnState = (state: string, document: Document, step: Step) => Promise<void>;

/** Shows every state of an execution as it is entered, until the execution has ended. */
export async function follow(
  { sfn, progress }: { sfn: SFNClient; progress: Progress },
  machine: Machine,
  executionArn: string,
  onState: OnState = async () => {},
): Promise<Ended> {
  const events: HistoryEvent[] = [];
  let step: Step | undefined;
  for await (const event of eventsOf(sfn, executionArn)) {
    events.push(event);
    const { name, input = '{}' } = event.stateEnteredEventDetails ?? {};
    if (!name) continue;
    await step?.end();
    step = await progress.begin(inWords(machine, name));
    await onState(name, JSON.parse(input), step);
  }
  await step?.end();
  const { status = '', error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const exits = events.flatMap(({ stateExitedEventDetails }) => stateExitedEventDetails?.output ?? []);
  return { events, status, error, cause, document: JSON.parse(exits.at(-1) ?? '{}') };
}

/** Every event once, as it happens. */
async function* eventsOf(client: SFNClient, executionArn: string): AsyncGenerator<HistoryEvent> {
  for (let seen = 0; ; await sleep(POLL_MS)) {
    const all: HistoryEvent[] = [];
    for await (const { events = [] } of paginateGetExecutionHistory({ client }, { executionArn })) all.push(...events);
    yield* all.slice(seen);
    seen = all.length;
    if (END.test(all.at(-1)?.type ?? '')) return;
  }
}

/** The table below an execution in the console. Times are the account's. */
export function historyTable(events: HistoryEvent[]): string {
  const start = events[0]?.timestamp?.getTime() ?? 0;
  let state = '';
  const rows = events.map((event) => {
    state = event.stateEnteredEventDetails?.name ?? state;
    const after = ((event.timestamp?.getTime() ?? 0) - start) / 1000;
    const ofExecution = event.type?.startsWith('Execution');
    return [String(event.id), event.type ?? '', ofExecution ? '' : state, functionOf(event), after.toFixed(1)];
  });
  const table = [['ID', 'Type', 'Step', 'Lambda function', 'Started after (s)'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) => row.map((cell, i) => (i === 4 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  '))
    .join('\n');
}

/** arn:aws:lambda:REGION:ACCOUNT:function:NAME:VERSION -> NAME:VERSION */
const functionOf = ({ lambdaFunctionScheduledEventDetails: details }: HistoryEvent): string =>
  details?.resource?.split(':').slice(6).join(':') ?? '';
