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
First steps:
  export STEPUP_API=https://ID.execute-api.REGION.amazonaws.com/STAGE    # ask who deployed StepUp
  stepup grants                                   # what can be granted; with a name: what that allows
  stepup doctor i-0123456789abcdef0               # can that be elevated? what stands in the way?
  stepup run --instance i-0123456789abcdef0 --grant run-remote-script --script report.sh
  stepup status NAME                              # how it stands, by the name that run has shown
  stepup hold --instance i-0123456789abcdef0 --grant run-remote-script --for 45m
  stepup release NAME                             # ends the hold, or the run
Each command has --help, with examples. Without an AWS account: stepup local, which shows what to do next.

Credentials and region are found as by every AWS tool: AWS_PROFILE, AWS_REGION, ~/.aws. You need execute-api:Invoke for the API, and
no more. The API of --api goes before that of STEPUP_API. Without either, doctor, hold and release ask the deployment for it, and run,
status, list and grants do without: they ask Step Functions and SSM, as history, schedule and drains do always. That is for
administrators of StepUp, who find the URL in the stack's outputs and in the parameter /stepup/DEPLOYMENT/api.

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
