import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Command } from 'commander';
import { executionArnOf } from '../deployment';
import { historyTable } from '../historyTable';
import type { Surroundings } from '../surroundings';
import { read } from '../watch';
import { found } from './found';
import { type CommonOptions, connect, talking } from './options';

const HELP = `
Examples:
  stepup history 20261122-065209-1f2e3d
  stepup history 20261122-065209-1f2e3d --json    # the events as GetExecutionHistory has them, but for a hold's token

The history of a recovery: give the ARN that \`stepup status\` shows.`;

export const historyCommand = (around: Surroundings): Command =>
  talking('history')
    .description("every event of a run, as the console's table has it")
    .argument('<name>', 'of the run, or the ARN of an execution')
    .addHelpText('after', HELP)
    .action(async (name: string, options: CommonOptions) => {
      const { clients, deployment } = await connect(around, options);
      const { events } = await found(name, () => read(clients.sfn, executionArnOf(deployment, name)));
      around.out(`${options.json ? JSON.stringify(events.map(withoutToken), null, 2) : historyTable(events)}\n`);
    });

/** Whoever has a hold's token, and states:SendTaskSuccess, can end it; what is printed here gets pasted. */
function withoutToken(event: HistoryEvent): HistoryEvent {
  const { taskScheduledEventDetails: scheduled } = event;
  const parameters = scheduled?.parameters?.replace(/("token":\s*")[^"]*/, '$1(left out)');
  return parameters ? { ...event, taskScheduledEventDetails: { ...scheduled, parameters } as never } : event;
}
