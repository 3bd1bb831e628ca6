import type { Command } from 'commander';
import { againAt } from '../again';
import { type ApiOptions, asking, connectApi } from '../api/connect';
import { locate, release } from '../api/elevations';
import { apiRun } from '../api/run';
import { EXIT, EXIT_CODES } from '../exitCodes';
import { follow } from '../follow';
import { interruptible } from '../interruptible';
import type { Surroundings } from '../surroundings';
import { once, talking } from './options';

interface ReleaseOptions extends ApiOptions {
  instance?: string;
  grant?: string;
  detach?: boolean;
}

const HELP = `
Ends a hold at once, or cancels a script that runs; then the instance gets its profile back, which is followed to its end.
Safe to repeat: of a run that has ended nothing is changed, and its end is shown.

Examples:
  stepup release 0193f3a5-6c1e-7000-8000-00c04fd430c8-5d41402abc4b2a76
  stepup release monthly --instance i-0123456789abcdef0 --grant patch --detach

With --instance and --grant the run is asked for at once; else it is looked for in the lists, which may need more
permissions. The API is that of --api or STEPUP_API, or the one that the deployment says it has.

${EXIT_CODES}
A hold that was released is 0; a run that was ended before it held the instance, or whose script was cancelled, is 1.`;

export const releaseCommand = (around: Surroundings, end: (code: number) => void): Command =>
  asking(talking('release'))
    .description('end a hold, or any run, and give the instance its profile back')
    .argument('<name>', 'of the run')
    .option('--instance <id>', 'of the run', once())
    .option('--grant <name>', 'of the run', once())
    .option('--detach', 'do not wait until the instance has its profile back')
    .addHelpText('after', HELP)
    .action(async (name: string, options: ReleaseOptions) => end(await releaseRun(around, name, options)));

function releaseRun(around: Surroundings, name: string, options: ReleaseOptions): Promise<number> {
  const again = againAt(around, options);
  return interruptible(around, 'Nothing was released.', async (lastWords) => {
    const api = await connectApi(around, options);
    const address = await locate(api, name, options);
    const followed = apiRun({ around, api, again }, address);
    lastWords.say(`It is not known whether it was released.\n  See how it stands:  ${followed.status}`);
    const elevation = await release(api, address);
    const { json = false } = options;
    if (!options.detach) return follow({ around, json, lastWords }, followed);
    if (json) around.out(`${JSON.stringify(elevation, null, 2)}\n`);
    else around.err(`${address.name} is ${elevation.status}.\n  See how it stands:  ${followed.status}\n`);
    return EXIT.done;
  });
}
