import { type Command, Option } from 'commander';
import type { Elevation } from '../../state-machine/api';
import { type Again, againAt } from '../again';
import type { Api } from '../api/client';
import { type ApiOptions, asking, connectApi } from '../api/connect';
import { heldUntil } from '../api/course';
import { release } from '../api/elevations';
import { apiRun, goesOn, releaseOf, statusOf } from '../api/run';
import { startByApi } from '../api/start';
import { type Countdown, createCountdown } from '../countdown';
import { EXIT, EXIT_CODES } from '../exitCodes';
import { refused } from '../failure';
import { follow } from '../follow';
import { interruptible, type LastWords } from '../interruptible';
import { type RequestIn, readRequest } from '../requestOptions';
import type { Surroundings } from '../surroundings';
import { minutes, once, talking } from './options';

interface HoldOptions extends ApiOptions {
  instance: string;
  grant: string;
  for: number;
  baseline?: string;
  wait?: number;
  reason?: string;
  key?: string;
  detach?: boolean;
  releaseOnExit?: boolean;
}

const HELP = `
Nothing is run: whoever is on the instance, or gets there by Session Manager, has the grant until the hold is released or its
time is over. Both are good ends (0), after which the instance has its profile back.

Ctrl-C stops the watching, not the hold: \`stepup release NAME\` ends it. With --release-on-exit Ctrl-C, SIGTERM and the closing
of the terminal release it, and the restore is waited for; a second Ctrl-C ends that wait.

Examples:
  stepup hold --instance i-0123456789abcdef0 --grant patch --for 45m --reason 'ticket 4711'
  stepup hold --instance i-0123456789abcdef0 --grant patch --for 2h --release-on-exit
  stepup hold --instance i-0123456789abcdef0 --grant patch --for 2h --detach     # prints the name for stepup release

A hold is asked for at the API, which alone can release it: that of --api or STEPUP_API, or the one that the deployment says
it has.

${EXIT_CODES}`;

export const holdCommand = (around: Surroundings, end: (code: number) => void): Command =>
  asking(talking('hold'))
    .description('elevate an instance for a person who works on it, until released')
    .usage('--instance <id> --grant <name> --for <minutes> [options]')
    .requiredOption('--instance <id>', 'the EC2 instance', once())
    .requiredOption('--grant <name>', 'what it may do meanwhile: see `stepup grants`', once())
    .addOption(
      new Option('--for <minutes>', 'how long at most: 30, 45m, 2h').argParser(once(minutes)).makeOptionMandatory(),
    )
    .option('--reason <text>', 'for the reader of the history', once())
    .option('--release-on-exit', 'Ctrl-C, SIGTERM and closing the terminal release it')
    .option('--detach', 'start it and do not wait')
    .option(
      '--baseline <baseline>',
      'what the instance keeps of its own meanwhile: inherit (all) or core (SSM Agent)',
      once(),
    )
    .option('--wait <minutes>', 'how long to wait while another elevation has the instance', once(minutes))
    .option('--key <key>', 'the same key and request again are the same hold (default: a new UUIDv7)', once())
    .addHelpText('after', HELP)
    .action(async (options: HoldOptions) => end(await hold(around, options)));

function hold(around: Surroundings, options: HoldOptions): Promise<number> {
  if (options.detach && options.releaseOnExit)
    throw refused('--detach does not wait for the exit of --release-on-exit.');
  const request = readRequest({ ...options, duration: options.for, hold: true });
  return interruptible(around, 'Nothing was started.', async (lastWords) => {
    const api = await connectApi(around, options);
    const holding = { around, api, again: againAt(around, options), lastWords, json: options.json ?? false };
    return options.detach ? detached(holding, options, request) : watched(holding, options, request);
  });
}

interface Holding {
  around: Surroundings;
  api: Api;
  again: Again;
  lastWords: LastWords;
  json: boolean;
}

async function detached(holding: Holding, options: HoldOptions, request: RequestIn): Promise<number> {
  const { around, again, json } = holding;
  const elevation = await startByApi(holding, options, request);
  around.out(json ? `${JSON.stringify(elevation, null, 2)}\n` : `${elevation.name}\n`);
  around.err(`${goesOn(elevation, again)}\n`);
  return EXIT.done;
}

async function watched(holding: Holding, options: HoldOptions, request: RequestIn): Promise<number> {
  const { api, again, lastWords, json } = holding;
  const countdown = createCountdown({ ...holding.around, now: api.now });
  const around = { ...holding.around, err: countdown.err, clock: { ...holding.around.clock, sleep: countdown.sleep } };
  const exit = options.releaseOnExit ? exitBy(lastWords, countdown) : undefined;
  const elevation = await startByApi(
    { ...holding, around: { ...holding.around, err: countdown.err } },
    options,
    request,
  );
  let until: string | undefined;
  const onLook = (seen: Elevation) => {
    const held = heldUntil(seen);
    if (held && !until) countdown.err(`Held until ${timeOf(held)}; \`${releaseOf(elevation, again)}\` ends it.\n`);
    if (held !== until) countdown.heldUntil(held === undefined ? undefined : Date.parse(held));
    until = held;
  };
  const followed = follow({ around, json, lastWords }, apiRun({ around, api, again, onLook }, elevation));
  if (!exit) return followed;
  const releasing = exit.then(async () => {
    const status = `  See how it stands:  ${statusOf(elevation, again)}`;
    lastWords.say(`It is not known whether it was released.\n${status}\n  Release it:  ${releaseOf(elevation, again)}`);
    await release(api, elevation);
    lastWords.say(`It is being released.\n${status}`);
    return followed;
  });
  return Promise.race([followed, releasing]);
}

/** Resolves on the first Ctrl-C, also on one that comes before it is known that the hold was started. */
const exitBy = (lastWords: LastWords, { err, heldUntil }: Countdown): Promise<void> =>
  new Promise((resolve) =>
    lastWords.first(() => {
      heldUntil(undefined);
      err('\nReleasing. Ctrl-C once more ends the waiting.\n');
      resolve();
    }),
  );

/** 14:05:00 UTC */
const timeOf = (iso: string): string => `${iso.slice(11, 19)} UTC`;
