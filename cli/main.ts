import { Command, CommanderError } from 'commander';
import { version } from '../package.json';
import { doctorCommand } from './commands/doctor';
import { drainsCommand } from './commands/drains';
import { grantsCommand } from './commands/grants';
import { historyCommand } from './commands/history';
import { holdCommand } from './commands/hold';
import { listCommand } from './commands/list';
import { releaseCommand } from './commands/release';
import { runCommand } from './commands/run';
import { scheduleCommand } from './commands/schedule';
import { statusCommand } from './commands/status';
import { EXIT, EXIT_CODES } from './exitCodes';
import { awsFailure, CommandFailure, isAwsFailure } from './failure';
import { localCommand } from './local/command';
import { realSurroundings, type Surroundings } from './surroundings';

const HELP = `
Examples:
  stepup grants
  stepup doctor i-0123456789abcdef0
  stepup run --instance i-0123456789abcdef0 --grant run-remote-script --script report.sh
  stepup status 20261122-065209-1f2e3d
  stepup hold --instance i-0123456789abcdef0 --grant run-remote-script --for 45m
  stepup release NAME
  stepup local          # all of it on this machine, without an AWS account

AWS is found as by every AWS tool: AWS_PROFILE, AWS_REGION, ~/.aws, AWS_ENDPOINT_URL. With STEPUP_API, the URL of StepUp's API, or
--api, the API is asked: for this execute-api:Invoke is all that you need. Without it, run, status, list and grants ask Step
Functions and SSM, as administrators of StepUp may.

${EXIT_CODES}`;

/** @returns the process's exit code */
export async function main(argv: string[], around: Surroundings = realSurroundings()): Promise<number> {
  let code: number = EXIT.done;
  const program = createProgram(around, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    // commander has said what is wrong; help that was asked for is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.refused;
    const failure = isAwsFailure(error) ? awsFailure(error) : error;
    if (failure instanceof CommandFailure) {
      around.err(`✖ ${failure.message}\n`);
      return failure.exitCode;
    }
    around.err(`✖ This is a mistake in the command: ${(error as Error).stack}\n`);
    return EXIT.unexpected;
  }
}

function createProgram(around: Surroundings, end: (code: number) => void): Command {
  const program = new Command('stepup')
    .description('Extra IAM permissions for an EC2 instance, for exactly as long as one job needs them.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: around.out, writeErr: around.err })
    .showHelpAfterError('(add --help for how it is done)')
    .addHelpText('after', HELP);
  const commands = [
    runCommand(around, end),
    holdCommand(around, end),
    releaseCommand(around, end),
    statusCommand(around, end),
    historyCommand(around),
    listCommand(around),
    grantsCommand(around),
    doctorCommand(around, end),
    scheduleCommand(around, end),
    drainsCommand(around),
    localCommand(around),
  ];
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program));
    for (const inner of command.commands) inner.copyInheritedSettings(program);
  }
  return program;
}
