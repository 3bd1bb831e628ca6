import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { createLocalAws, type LocalAws, wallClock } from '../../local';
import { nearest } from '../../state-machine/nearest';
import { ASSEMBLY, isFresh, synthesise } from '../assembly';
import { refused } from '../failure';
import { stopSignal } from '../stopSignal';
import type { Surroundings } from '../surroundings';
import { exportLines, otherIdentities } from './environment';
import { checkExports, removeExports, writeExports } from './exportsFile';
import { introduction } from './introduction';
import { takeInventory } from './inventory';
import { leftOver } from './report';
import { seed, seedInstances } from './seed';
import type { AccessKey } from './seedIam';
import { DEFAULT_WORLD, exampleNames, readWorldFile, type WorldFile } from './worldFile';

const ROOT = 'root';

const help = () => `
The lines to export go to the standard output, everything else to the standard error. The account listens on 127.0.0.1
only, lives in memory, and neither reads nor uses your AWS credentials.

Example worlds: ${exampleNames().join(', ')} (cli/local/worlds/*.yaml; their comments say what is in them).

Examples:
  stepup local
  stepup local --exports aws.env      # in another shell: . ./aws.env && aws sts get-caller-identity
  stepup local --world fleet --port 4566 --user operator
  stepup local --world ./my-world.yaml --speed 1
  stepup local --world assume-role --no-deploy

Exit codes: 0 stopped with Ctrl-C or SIGTERM, 2 the world file or an option is wrong; a second Ctrl-C ends it at once.`;

interface Options {
  world: string;
  port: number;
  speed: number;
  deploy: boolean;
  assembly?: string;
  exports?: string;
  user?: string;
}

export const localCommand = (around: Surroundings): Command =>
  new Command('local')
    .description('starts an AWS account on this machine, with StepUp deployed into it, and stays up')
    .option('--world <file>', 'what the account begins with: a YAML file, or the name of an example', DEFAULT_WORLD)
    .option('--port <number>', 'on 127.0.0.1; 0: a free one', portNumber, 0)
    .option('--speed <factor>', "how much faster than yours the account's clock runs", speedFactor, 10)
    .option('--no-deploy', 'without StepUp: an AWS account and nothing else')
    .option('--assembly <folder>', 'deploy what cdk synth wrote there, instead of synthesising')
    .option('--user <name>', `whose access key to print; ${ROOT}: the account's (default: the first user with a key)`)
    // Not --env-file: Node 20 takes that for its own, wherever it stands.
    .option('--exports <file>', 'write the lines to export there too, for as long as the account is up')
    .addHelpText('after', help)
    .action((options: Options) => runLocal(options, around));

async function runLocal(options: Options, around: Surroundings): Promise<void> {
  // The functions' pinned SDK says at each start that later ones need a newer Node.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const file = readWorldFile(options.world);
  checkUser(file, options.user);
  checkAssembly(options);
  if (options.exports) checkExports(options.exports);
  const { account, region } = file.world;
  const aws = createLocalAws({ account, region, clock: wallClock(options.speed) });
  try {
    await listen(aws, options.port);
    const keys = await seed(aws.world, file);
    if (options.deploy) await deploy(aws, options.assembly, around);
    await seedInstances(aws.world, file);
    const api = await serveApi(aws);
    const before = await takeInventory(aws.world);
    const stopped = stopSignal();
    const lines = await announce(aws, { file, keys, options, api }, around);
    if (options.exports) writeExports(options.exports, lines);
    await stopped;
    if (options.exports) removeExports(options.exports, lines);
    around.err(
      `\n${leftOver(before, await takeInventory(aws.world))}\nThe account is gone, with all that was in it.\n`,
    );
  } finally {
    await aws.close();
  }
}

/** @returns the lines to export */
async function announce(
  { world }: LocalAws,
  { file, keys, options, api }: { file: WorldFile; keys: AccessKey[]; options: Options; api: string | undefined },
  around: Surroundings,
): Promise<string> {
  const { accessKeyId, secretAccessKey } = world.iam.rootKey;
  const all = [...keys, { user: ROOT, id: accessKeyId, secret: secretAccessKey }];
  const chosen = options.user === ROOT ? all.at(-1)! : (all.find(({ user }) => user === options.user) ?? all[0]!);
  const lines = exportLines(world, chosen, api);
  const others = await otherIdentities(
    world,
    all.filter((key) => key !== chosen),
  );
  around.err(`${await introduction(world, file, options.speed, api)}\n`);
  around.out(`# as ${chosen.user}:\n${lines}${others}`);
  return lines;
}

async function listen(aws: LocalAws, port: number): Promise<void> {
  try {
    await aws.listen(port);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'something listens there already' : message;
    throw refused(`Port ${port} cannot be used: ${why}. Give another --port, or none for a free one.`);
  }
}

/** @returns the URL of StepUp's API, if the stack is there */
async function serveApi({ world, listenForApis }: LocalAws): Promise<string | undefined> {
  const [stage] = world.apiGateway.stages();
  return stage && `${await listenForApis()}/${stage.name}`;
}

/** @throws CommandFailure (refused): what is wrong is in stepup.config.json, in the grants, or in the world */
async function deploy(aws: LocalAws, folder: string | undefined, around: Surroundings): Promise<void> {
  try {
    if (folder === undefined && !isFresh()) {
      around.err('cdk synth: the stack is synthesised. This takes about 10 s, once.\n');
      await synthesise();
    }
    // In a new account nothing could be refused, and nobody waits for IAM.
    await aws.deploy(folder ?? ASSEMBLY, { assumeCreated: true });
  } catch (error) {
    throw refused(`The stack cannot be deployed into this account: ${(error as Error).message}`);
  }
}

function checkAssembly({ assembly, deploy }: Options): void {
  if (assembly === undefined) return;
  if (!deploy) throw refused('--assembly and --no-deploy contradict each other: give one.');
  if (existsSync(join(assembly, 'manifest.json'))) return;
  throw refused(`${assembly} is no cloud assembly: it has no manifest.json. Run cdk synth, or leave --assembly out.`);
}

function checkUser({ world }: WorldFile, name: string | undefined): void {
  const names = Object.keys(world.users).filter((user) => world.users[user]?.accessKeys.length);
  if (name === undefined || name === ROOT || names.includes(name)) return;
  const meant = nearest(name, names);
  const hint = meant ? `did you mean '${meant}'?` : `there are: ${[...names, ROOT].join(', ')}`;
  throw refused(`The world has no user '${name}' with an access key; ${hint}`);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Give a number from 0 to 65535.');
  return port;
}

/** Functions and scripts run at the machine's own pace: with much more, their time is up before they have begun. */
const FASTEST = 100;

function speedFactor(text: string): number {
  const speed = text.trim() === '' ? Number.NaN : Number(text);
  if (!(speed > 0 && speed <= FASTEST)) throw new InvalidArgumentError(`Give a number above 0, at most ${FASTEST}.`);
  return speed;
}
