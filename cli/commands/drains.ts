import type { Command } from 'commander';
import { type Drain, endDrain, listDrains } from '../drains';
import { refused } from '../failure';
import type { Surroundings } from '../surroundings';
import { table } from '../table';
import { type CommonOptions, connect, talking } from './options';

interface EndOptions extends CommonOptions {
  all?: boolean;
  yes?: boolean;
}

const HELP = `
Examples:
  stepup drains                # which roles are left, and until when
  stepup drains end --all      # before the stack is deleted`;

const END_HELP = `
A role drains until every credential that it ever issued has expired: about seven hours. If the drain ends now, processes on the
instance that still hold such credentials get errors from AWS until they refresh them, at the latest when those expire. The
grant is gone already, and the instance has its own profile: nothing else hangs on it.

Only roles that drain can be ended; a run that is not over keeps its role. Needs iam:TagRole on the roles, and iam:ListRoles
and iam:GetRole. Sweep deletes the roles within a quarter of an hour.

Examples:
  stepup drains end stepup-0f1e2d3c4b5a69788796a5b4c3d2e1f0
  stepup drains end --all --yes`;

export const drainsCommand = (around: Surroundings): Command =>
  talking('drains')
    .description('the temp roles that are left, and until when they drain')
    .addHelpText('after', HELP)
    .action(async (options: CommonOptions) => {
      const { clients, deployment } = await connect(around, options);
      const drains = await listDrains(clients.iam, deployment.name);
      if (options.json) return around.out(`${JSON.stringify(drains, null, 2)}\n`);
      if (drains.length === 0) return around.err('No temp role is left.\n');
      around.out(`${overview(drains)}\n`);
    })
    .addCommand(endCommand(around));

const overview = (drains: Drain[]): string =>
  table(
    ['NAME', 'INSTANCE', 'RUN', 'STATE', 'DRAINS UNTIL'],
    drains.map(({ name, instanceId, run, state, until }) => [name, instanceId, run, state, until]),
  );

const endCommand = (around: Surroundings): Command =>
  talking('end')
    .description(
      'end the drain of these roles now: processes that still hold their credentials fail until they refresh them',
    )
    .argument('[names...]', 'of temp roles, as `stepup drains` has them')
    .option('--all', 'every role of this deployment that drains')
    .option('--yes', 'without asking')
    .addHelpText('after', END_HELP)
    .action(async (names: string[], _: EndOptions, command: Command) => {
      const options = command.optsWithGlobals<EndOptions>();
      if (Boolean(options.all) === names.length > 0) throw refused('Name the roles, or say --all.');
      const { clients, deployment } = await connect(around, options);
      const drains = await listDrains(clients.iam, deployment.name);
      const chosen = options.all ? drains.filter(({ state }) => state === 'draining') : pick(drains, names);
      const kept = options.all ? drains.filter(({ state }) => state !== 'draining') : [];
      if (kept.length > 0) around.err(`Not over yet, and left alone:\n${overview(kept)}\n`);
      if (chosen.length > 0 && !options.yes) await confirm(around, chosen);
      for (const drain of chosen) await endDrain(clients.iam, drain, around.clock.now());
      if (options.json)
        around.out(
          `${JSON.stringify(
            chosen.map(({ name }) => name),
            null,
            2,
          )}\n`,
        );
      else around.err(chosen.length > 0 ? ENDED : 'Nothing drains.\n');
    });

const ENDED = 'Sweep deletes them within a quarter of an hour: see `stepup drains`.\n';

/** @throws CommandFailure (refused) before anything is changed, if one of them is not there or does not drain */
function pick(drains: Drain[], names: string[]): Drain[] {
  return [...new Set(names)].map((name) => {
    const found = drains.find((drain) => drain.name === name);
    if (!found) throw refused(`There is no temp role '${name}': see \`stepup drains\`.`);
    if (found.state === 'draining') return found;
    throw refused(
      `${name} is ${found.state}: run '${found.run}' on ${found.instanceId} still needs it. Wait until it has ended, or stop the run.`,
    );
  });
}

/** @throws CommandFailure (refused) unless the answer is yes */
async function confirm(around: Surroundings, chosen: Drain[]): Promise<void> {
  around.err(
    `${overview(chosen)}\nProcesses on these instances that still hold credentials of these roles fail until they refresh them.\n`,
  );
  if (!(await around.confirm('End the drain?'))) throw refused('Nothing was changed.');
}
