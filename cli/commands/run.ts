import { randomBytes } from 'node:crypto';
import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Command } from 'commander';
import { type Again, againAt } from '../again';
import { type Deployment, executionArnOf } from '../deployment';
import { EXIT, EXIT_CODES } from '../exitCodes';
import { isDefiniteNo, refused } from '../failure';
import { follow, goesOn } from '../follow';
import { interruptible } from '../interruptible';
import { type RequestOptions, readRequest } from '../requestOptions';
import type { Surroundings } from '../surroundings';
import { type CommonOptions, connect, minutes, once, talking } from './options';

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

The script's output goes to the standard output and its errors to the standard error, once its command has ended; everything
else that is said goes to the standard error. Ctrl-C stops the following, not the run.

${EXIT_CODES}`;

export const runCommand = (around: Surroundings, end: (code: number) => void): Command =>
  talking('run')
    .description('elevate an instance, run a script on it, give its profile back')
    .requiredOption('--instance <id>', 'the EC2 instance', once())
    .requiredOption('--grant <name>', 'what it may do meanwhile: see `stepup grants`', once())
    .option(
      '--script <file>',
      "a local script, sent with the request; .ps1 is PowerShell, '-' the standard input",
      once(),
    )
    .option('--s3-script <url>', 'a script in S3: any https form of its URL, or s3://bucket/key', once())
    .option(
      '--command-line <command>',
      'with --s3-script: how to run the file, in the folder that it is downloaded to',
      once(),
    )
    .option('--document <name>', 'any other Command document that the grant allows', once())
    .option('--parameters <json>', 'with --document: its parameters, in place or as file://FILE', once())
    .option('--duration <minutes>', 'how long the work may take: 30, 45m, 2h', once(minutes))
    .option(
      '--baseline <baseline>',
      'what the instance keeps of its own meanwhile: inherit (all) or core (SSM Agent)',
      once(),
    )
    .option('--wait <minutes>', 'how long to wait while another elevation has the instance', once(minutes))
    .option('--output-s3 <url>', 'where the full output goes: s3://bucket/prefix', once())
    .option('--output-log-group <name>', 'or this log group in CloudWatch Logs', once())
    .option('--reason <text>', 'for the reader of the history', once())
    .option('--name <name>', 'of the execution; the same name and request again are the same run', once())
    .option('--detach', 'start it and do not follow it')
    .addHelpText('after', HELP)
    .action(async (options: RunOptions) => end(await run(around, options)));

function run(around: Surroundings, options: RunOptions): Promise<number> {
  // What is wrong with the command line is said without asking AWS anything.
  const request = readRequest(options);
  const again = againAt(around, options);
  return interruptible(around, 'Nothing was started.', async (lastWords) => {
    const { clients, deployment } = await connect(around, options);
    const name = options.name ?? newName(around.clock.now());
    around.err(`${name}: ${options.instance} with ${options.grant}, by ${deployment.name}\n`);
    lastWords.say(mayHaveStarted(name, again));
    const input = request(await clients.sfn.config.region());
    const executionArn = await start(clients.sfn, deployment, name, input).catch((error) => {
      if (isDefiniteNo(error)) lastWords.say('Nothing was started.');
      throw startFailure(error, name);
    });
    const json = options.json ?? false;
    if (!options.detach) return follow({ around, clients, deployment, json, again, lastWords }, executionArn);
    around.out(json ? `${JSON.stringify({ name, executionArn }, null, 2)}\n` : `${name}\n`);
    around.err(`${goesOn(executionArn, again)}\n`);
    return EXIT.done;
  });
}

/** Sorts by time, as the console's list does not by itself: 20261122-065209-1f2e3d. */
function newName(now: number): string {
  const [date, time] = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  return `${date}-${time}-${randomBytes(3).toString('hex')}`;
}

/**
 * The same name and request are the same run. StartExecution sees to it while the execution runs (aws-facts 5.3), so that
 * the SDK may ask again when an answer is lost; of one that has ended the input is compared here.
 */
async function start(sfn: SFNClient, deployment: Deployment, name: string, request: object): Promise<string> {
  const input = JSON.stringify(request);
  const command = new StartExecutionCommand({ stateMachineArn: deployment.elevation, name, input });
  try {
    return (await sfn.send(command)).executionArn as string;
  } catch (error) {
    if ((error as Error).name !== 'ExecutionAlreadyExists') throw error;
    const executionArn = executionArnOf(deployment, name);
    const there = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (there.input === input) return executionArn;
    throw error;
  }
}

/** What the caller can mend. */
function startFailure(error: unknown, name: string): unknown {
  const { name: code, message } = error as Error;
  if (code === 'ExecutionAlreadyExists') {
    return refused(`There was a run '${name}' already, with another request: give another --name.`);
  }
  if (code === 'InvalidName' || (code === 'ValidationException' && message.includes("'name'"))) {
    return refused(`'${name}' is no name for an execution: at most 80 letters, digits, - and _. ${message}`);
  }
  return error;
}

const mayHaveStarted = (name: string, again: Again): string =>
  [
    'It is not known whether the run was started.',
    `  See whether it was:  ${again.stepup('status', name)}`,
    `  If not, the same command with --name ${name} is the same run.`,
  ].join('\n');
