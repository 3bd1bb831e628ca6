import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  type ExecutionStatus,
  paginateListExecutions,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ElevationItem } from '../../state-machine/api';
import { type ApiOptions, connectApi, isByApi, maybeAsking } from '../api/connect';
import { list } from '../api/elevations';
import { parse, shownOf } from '../course';
import type { Surroundings } from '../surroundings';
import { table } from '../table';
import { connect, count, once, talking } from './options';

interface ListOptions extends ApiOptions {
  status?: ExecutionStatus;
  instance?: string;
  limit?: number;
}

const HELP = `
Examples:
  stepup list
  stepup list --status RUNNING
  stepup list --instance i-0123456789abcdef0 --limit 5

By the API: the list of all runs and that of an instance are two permissions; with --instance the second is enough.`;

const STATUSES: ExecutionStatus[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
/** With --instance every run has to be looked at: Step Functions lists them without their input. */
const MOST_LOOKED_AT = 1_000;
/** DescribeExecution of this many runs at a time: AWS lets 15 a second through. */
const AT_ONCE = 5;

export const listCommand = (around: Surroundings): Command =>
  maybeAsking(talking('list'))
    .description('the latest runs, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(STATUSES).argParser(once(upperCase)))
    .option('--instance <id>', `only runs on this instance, among the latest ${MOST_LOOKED_AT}`, once())
    .option('--limit <number>', 'how many (default: 20)', once(count))
    .addHelpText('after', HELP)
    .action(async (options: ListOptions) => {
      if (isByApi(around, options)) return listByApi(around, options);
      const { clients, deployment } = await connect(around, options);
      const runs = await latest(clients.sfn, deployment.elevation, options);
      if (options.json) return around.out(`${JSON.stringify(runs, null, 2)}\n`);
      if (runs.length === 0) return around.err('There are no such runs.\n');
      const rows = runs.map(({ name, status, instanceId, grant, started, stopped, error }) => [
        ...[name, status, instanceId, grant, started, stopped ? lasted(started, stopped) : '', error],
      ]);
      around.out(`${table(['NAME', 'STATUS', 'INSTANCE', 'GRANT', 'STARTED', 'LASTED', 'ERROR'], rows)}\n`);
    });

/** The API knows who asked, and for what kind of work; why a run failed is in the elevation itself. */
async function listByApi(around: Surroundings, options: ListOptions): Promise<void> {
  const { status, instance, limit = 20 } = options;
  const api = await connectApi(around, options);
  const runs: ElevationItem[] = [];
  for await (const item of list(api, { ...(status && { status }), ...(instance && { instance }), limit })) {
    runs.push(item);
    if (runs.length >= limit) break;
  }
  if (options.json) return around.out(`${JSON.stringify(runs, null, 2)}\n`);
  if (runs.length === 0) return around.err('There are no such runs.\n');
  const rows = runs.map(({ name, status, instanceId, grant, work, started, stopped, requester }) => [
    ...[name, status, instanceId, grant, work, started, stopped ? lasted(started, stopped) : '', requester],
  ]);
  around.out(`${table(['NAME', 'STATUS', 'INSTANCE', 'GRANT', 'WORK', 'STARTED', 'LASTED', 'REQUESTER'], rows)}\n`);
}

function upperCase(text: string): string {
  const status = text.toUpperCase().replace('-', '_');
  if ((STATUSES as string[]).includes(status)) return status;
  throw new InvalidArgumentError(`Allowed choices are ${STATUSES.join(', ')}.`);
}

interface Run {
  name: string;
  executionArn: string;
  status: string;
  instanceId: string;
  grant: string;
  started: string;
  stopped: string | null;
  error: string;
}

async function latest(
  client: SFNClient,
  stateMachineArn: string,
  { status: statusFilter, instance, limit = 20 }: ListOptions,
): Promise<Run[]> {
  const runs: Run[] = [];
  let lookedAt = 0;
  for await (const { executions = [] } of paginateListExecutions({ client }, { stateMachineArn, statusFilter })) {
    for (let i = 0; i < executions.length; i += AT_ONCE) {
      const described = await Promise.all(executions.slice(i, i + AT_ONCE).map((item) => describe(client, item)));
      runs.push(...described.filter(({ instanceId }) => !instance || instanceId === instance));
      lookedAt += described.length;
      if (runs.length >= limit || lookedAt >= MOST_LOOKED_AT) return runs.slice(0, limit);
    }
  }
  return runs;
}

async function describe(client: SFNClient, { executionArn, name, status, startDate, stopDate }: ExecutionListItem) {
  const { input, error } = await client.send(new DescribeExecutionCommand({ executionArn }));
  const { instanceId, grant } = shownOf(parse(input));
  return {
    name: name as string,
    executionArn: executionArn as string,
    status: status as string,
    instanceId,
    grant,
    started: (startDate as Date).toISOString(),
    stopped: stopDate?.toISOString() ?? null,
    error: error ?? '',
  };
}

function lasted(started: string, stopped: string): string {
  const seconds = Math.round((Date.parse(stopped) - Date.parse(started)) / 1000);
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  return hours > 0 ? `${hours}h ${minutes % 60}m` : minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`;
}
