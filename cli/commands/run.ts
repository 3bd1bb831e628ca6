import type { Command } from 'commander';
import { type Again, againAt } from '../again';
import { type ApiOptions, connectApi, isByApi, maybeAsking } from '../api/connect';
import { apiRun, goesOn as goesOnByApi } from '../api/run';
import { startByApi } from '../api/start';
import { EXIT, EXIT_CODES } from '../exitCodes';
import { refused } from '../failure';
import { follow } from '../follow';
import { interruptible, type LastWords } from '../interruptible';
import { type RequestIn, type RequestOptions, readRequest } from '../requestOptions';
import { startDirectly } from '../startDirectly';
import type { Surroundings } from '../surroundings';
import { connect, minutes, once, talking } from './options';

interface RunOptions extends ApiOptions, RequestOptions {
  name?: string;
  key?: string;
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

With --api or STEPUP_API the run is asked for there: IAM says who may have which grant on which instance, and the run knows who
asked. Without, or with --direct, it is started past the API, which needs the permissions of an administrator of StepUp, and is marked
as a direct start.

${EXIT_CODES}`;

export const runCommand = (around: Surroundings, end: (code: number) => void): Command =>
  maybeAsking(talking('run'))
    .description('elevate an instance, run a script on it, give its profile back')
    .usage(
      '--instance <id> --grant <name> (--script <file> | --s3-script <url> --command-line <command> | --document <name>) [options]',
    )
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
    .option(
      '--key <key>',
      'by the API: the same key and request again are the same run (default: a new UUIDv7)',
      once(),
    )
    .option('--name <name>', 'of a direct start; the same name and request again are the same run', once())
    .option('--detach', 'start it and do not follow it')
    .addHelpText('after', HELP)
    .action(async (options: RunOptions) => end(await run(around, options)));

function run(around: Surroundings, options: RunOptions): Promise<number> {
  // What is wrong with the command line is said without asking AWS anything.
  const request = readRequest(options);
  const viaApi = isByApi(around, options);
  if (viaApi && options.name) throw refused('--name is of a direct start: by the API say --key, or --direct.');
  if (!viaApi && options.key) throw refused('--key is of a start by the API: give its URL with --api, or say --name.');
  const again = againAt(around, options);
  const work = viaApi ? runByApi : runDirectly;
  return interruptible(around, 'Nothing was started.', (lastWords) =>
    work({ around, options, request, again, lastWords }),
  );
}

interface Running {
  around: Surroundings;
  options: RunOptions;
  request: RequestIn;
  again: Again;
  lastWords: LastWords;
}

async function runByApi({ around, options, request, again, lastWords }: Running): Promise<number> {
  const api = await connectApi(around, options);
  const elevation = await startByApi({ around, api, lastWords }, options, request);
  const { json = false } = options;
  if (!options.detach) return follow({ around, json, lastWords }, apiRun({ around, api, again }, elevation));
  around.out(json ? `${JSON.stringify(elevation, null, 2)}\n` : `${elevation.name}\n`);
  around.err(`${goesOnByApi(elevation, again)}\n`);
  return EXIT.done;
}

async function runDirectly({ around, options, request, again, lastWords }: Running): Promise<number> {
  const { json = false, detach = false, name } = options;
  const connection = await connect(around, options);
  const what = `${options.instance} with ${options.grant}`;
  const input = request(await connection.clients.sfn.config.region());
  return startDirectly({ ...connection, around, again, lastWords, name, what, json, detach }, input);
}
