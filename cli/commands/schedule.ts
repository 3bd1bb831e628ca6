import { Command } from 'commander';
import { againAt } from '../again';
import { EXIT_CODES } from '../exitCodes';
import { refused } from '../failure';
import { interruptible } from '../interruptible';
import { nextTimes, readSchedule, type ShownSchedule, scheduleNames } from '../schedules';
import { startDirectly } from '../startDirectly';
import type { Surroundings } from '../surroundings';
import { card } from '../table';
import { type CommonOptions, connect, once, talking } from './options';

interface RunNowOptions extends CommonOptions {
  name?: string;
  detach?: boolean;
}

const HELP = `
Examples:
  stepup schedule list
  stepup schedule run-now nightly-report

Schedules are files of the deployment (schedulesFolder): a deployment makes, changes and deletes them.`;

const LIST_HELP = `
Examples:
  stepup schedule list
  stepup schedule list --json

Asks EventBridge Scheduler, so that a schedule which somebody disabled or changed in the console is shown as it is. Its next
five times are as the clocks of its time zone show them.`;

const RUN_NOW_HELP = `
Examples:
  stepup schedule run-now nightly-report
  stepup schedule run-now nightly-report --detach

Starts what the schedule asks for as it is now, disabled or not, as an administrator of StepUp: the run is a direct start, and
the schedule's own times stay as they are.

${EXIT_CODES}`;

export function scheduleCommand(around: Surroundings, end: (code: number) => void): Command {
  const command = new Command('schedule').description('what a clock starts').addHelpText('after', HELP);
  return command.addCommand(listCommand(around)).addCommand(runNowCommand(around, end));
}

const listCommand = (around: Surroundings): Command =>
  talking('list')
    .description('the schedules, and when each is due next')
    .addHelpText('after', LIST_HELP)
    .action(async (options: CommonOptions) => {
      const { clients, deployment } = await connect(around, options);
      const names = await scheduleNames(clients.scheduler, deployment.name);
      const schedules: ShownSchedule[] = [];
      for (const name of names) {
        schedules.push(await readSchedule(clients.scheduler, deployment.name, name, around.clock.now()));
      }
      if (options.json) return around.out(`${JSON.stringify(schedules, null, 2)}\n`);
      if (schedules.length === 0) return around.err('There are no schedules.\n');
      around.out(`${schedules.map(details).join('\n\n')}\n`);
    });

const details = (schedule: ShownSchedule): string => {
  const { request, flexibleWindowMinutes, start, end } = schedule;
  return card([
    ['Schedule', schedule.name],
    ['Description', schedule.description],
    ['When', `${schedule.schedule} in ${schedule.timeZone}`],
    ['Window', flexibleWindowMinutes === null ? '' : `within ${flexibleWindowMinutes} minutes`],
    ['Not before', start ?? ''],
    ['Not after', end ?? ''],
    ['State', schedule.enabled ? 'enabled' : 'disabled'],
    ['Asks for', request ? `${request.grant} on ${request.instanceId}` : 'something that StepUp did not write'],
    ['Next', nextTimes(schedule)],
  ]);
};

const runNowCommand = (around: Surroundings, end: (code: number) => void): Command =>
  talking('run-now')
    .description('run what a schedule asks for, now')
    .argument('<schedule>', 'its name')
    .option('--name <name>', 'of the execution; the same name and request again are the same run', once())
    .option('--detach', 'start it and do not follow it')
    .addHelpText('after', RUN_NOW_HELP)
    .action(async (schedule: string, options: RunNowOptions) => end(await runNow(around, schedule, options)));

function runNow(around: Surroundings, schedule: string, options: RunNowOptions): Promise<number> {
  const again = againAt(around, options);
  return interruptible(around, 'Nothing was started.', async (lastWords) => {
    const { json = false, detach = false, name } = options;
    const connection = await connect(around, options);
    const { clients, deployment } = connection;
    const { request } = await readSchedule(clients.scheduler, deployment.name, schedule, around.clock.now());
    if (!request) {
      throw refused(`What '${schedule}' asks for is not as StepUp writes it: was it changed by hand? Deploy again.`);
    }
    const what = `${request.instanceId} with ${request.grant}, as schedule '${schedule}' asks`;
    return startDirectly({ ...connection, around, again, lastWords, name, what, json, detach }, request);
  });
}
