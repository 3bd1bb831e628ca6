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
  stepup history 20261122-065209-1f2e3d --json    # the events as GetExecutionHistory has them

The history of a recovery: give the ARN that \`stepup status\` shows.`;

export const historyCommand = (around: Surroundings): Command =>
  talking('history')
    .description("every event of a run, as the console's table has it")
    .argument('<name>', 'of the run, or the ARN of an execution')
    .addHelpText('after', HELP)
    .action(async (name: string, options: CommonOptions) => {
      const { clients, deployment } = await connect(around, options);
      const { events } = await found(name, () => read(clients.sfn, executionArnOf(deployment, name)));
      around.out(`${options.json ? JSON.stringify(events, null, 2) : historyTable(events)}\n`);
    });
