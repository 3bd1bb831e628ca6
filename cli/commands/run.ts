import { randomBytes } from 'node:crypto';
import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Command } from 'commander';
import { refused } from '../failure';
import { follow, goesOn } from '../follow';
import { type RequestOptions, requestFrom } from '../requestOptions';
import type { Surroundings } from '../surroundings';
import { type CommonOptions, connect, EXIT_CODES, minutes, talking } from './options';

interface RunOptions extends CommonOptions, RequestOptions {
  name?: string;
  detach?: boolean;
}

const HELP = `
Examples:
  stepup run --instance i-0123456789abcdef0 --grant run-remote-script --script report.sh
  stepup run --instance i-0123456789abcdef0 --grant run-remote-script --duration 2h \\
      --s3-script https://my-bucket.s3.eu-west-1.amazonaws.com/jobs/report.py --command-line 'python3 report.py'
  stepup run --instance i-0123456789abcdef0 --grant patch --document AWS-RunPatchBaseline \\
      --parameters '{"Operation": "Scan"}' --baseline core --reason 'ticket 4711'

The script's output goes to the standard output and its errors to the standard error, as soon as SSM has them; everything
else that is said goes to the standard error. Ctrl-C stops the following, not the run.

${EXIT_CODES}`;

export const runCommand = (around: Surroundings, end: (code: number) => void): Command =>
  talking('run')
    .description('elevate an instance, run a script on it, give its profile back')
    .requiredOption('--instance <id>', 'the EC2 instance')
    .requiredOption('--grant <name>', 'what it may do meanwhile: see `stepup grants`')
    .option('--script <file>', "a local script, sent with the request; .ps1 is PowerShell, '-' the standard input")
    .option('--s3-script <url>', 'a script in S3: any https form of its URL, or s3://bucket/key')
    .option('--command-line <command>', 'with --s3-script: how to run the file, in the folder that it is downloaded to')
    .option('--document <name>', 'any other Command document that the grant allows')
    .option('--parameters <json>', 'with --document: its parameters, in place or as file://FILE')
    .option('--duration <minutes>', 'how long the work may take: 30, 45m, 2h', minutes)
    .option('--baseline <baseline>', 'what the instance keeps of its own meanwhile: inherit (all) or core (SSM Agent)')
    .option('--wait <minutes>', 'how long to wait while another elevation has the instance', minutes)
    .option('--output-s3 <url>', 'where the full output goes: s3://bucket/prefix')
    .option('--output-log-group <name>', 'or this log group in CloudWatch Logs')
    .option('--reason <text>', 'for the reader of the history')
    .option('--name <name>', 'of the execution; the same name and request again are the same run')
    .option('--detach', 'start it and do not follow it')
    .addHelpText('after', HELP)
    .action(async (options: RunOptions) => end(await run(around, options)));

async function run(around: Surroundings, options: RunOptions): Promise<number> {
  const { clients, deployment } = await connect(around, options);
  const request = requestFrom(options, await clients.sfn.config.region());
  const name = options.name ?? newName(around.clock.now());
  const executionArn = await start(clients.sfn, deployment.elevation, name, request);
  if (options.detach) {
    around.out(options.json ? `${JSON.stringify({ name, executionArn }, null, 2)}\n` : `${name}\n`);
    around.err(`${goesOn(executionArn)}\n`);
    return 0;
  }
  around.err(`${name}: ${options.instance} with ${options.grant}, by ${deployment.name}\n`);
  return follow({ around, clients, deployment, json: options.json ?? false }, executionArn);
}

/** Sorts by time, as the console's list does not by itself: 20261122-065209-1f2e3d. */
function newName(now: number): string {
  const [date, time] = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  return `${date}-${time}-${randomBytes(3).toString('hex')}`;
}

/** StartExecution is idempotent by name: an answer that is lost may be asked for again (aws-facts 5.3). */
async function start(sfn: SFNClient, stateMachineArn: string, name: string, request: object): Promise<string> {
  try {
    const input = JSON.stringify(request);
    const started = await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
    return started.executionArn as string;
  } catch (error) {
    const { name: code, message } = error as Error;
    if (code === 'ExecutionAlreadyExists') {
      throw refused(`There was a run '${name}' already, with another request or ended by now: give another --name.`);
    }
    if (code === 'InvalidName' || (code === 'ValidationException' && message.includes("'name'"))) {
      throw refused(`'${name}' is no name for an execution: at most 80 letters, digits, - and _. ${message}`);
    }
    throw error;
  }
}
