import { parseArgs } from 'node:util';
import { createLocalAws, type LocalAws, wallClock } from '../../local';
import { ASSEMBLY, isFresh, synthesise } from '../assembly';
import { MODES, type Mode } from './modes';
import { createProgress, type Progress } from './progress';
import { BUCKET, INSTANCE, PROFILE, setStage } from './stage';
import { Story } from './story';

const USAGE = `Runs StepUp's main job in an AWS account of its own, embedded in this process.

Usage: npm run demo -- [options]

  --fail        the script exits with 7
  --abort       the execution is stopped while the script runs, as a person would in the console
  --real-time   waits as long as AWS does, instead of a tenth of it
  --help        this text

Examples:
  npm run demo
  npm run demo -- --abort
  npm run demo -- --fail --real-time

Exit codes: 0 everything went as it should, 1 something did not, 2 the options are wrong, 130 stopped with Ctrl-C.`;

const SPEED = 10;

interface Options {
  mode: Mode;
  speed: number;
}

/** @throws Error when the options make no sense; @returns undefined when only help is wanted */
function readOptions(): Options | undefined {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: { fail: flag, abort: flag, 'real-time': flag, help: { ...flag, short: 'h' } },
  });
  if (values.help) return undefined;
  if (values.fail && values.abort) throw new Error('--fail and --abort are two different endings: give one');
  const name = values.fail ? 'fail' : values.abort ? 'abort' : 'happy';
  return { mode: MODES[name], speed: values['real-time'] ? 1 : SPEED };
}

/** @returns the exit code */
async function run(aws: LocalAws, { mode, speed }: Options, progress: Progress): Promise<number> {
  const pace = speed === 1 ? "waits take AWS's real time" : 'waits are shortened ten times (--real-time: not at all)';
  progress.say(`StepUp in an embedded AWS: ${pace}. Elapsed times are real seconds.`);
  progress.heading('Setting up');
  if (!isFresh()) await progress.step('cdk synth: the stack that a deployer gets', synthesise);
  const stage = await progress.step('An AWS account on 127.0.0.1, with the stack in it', async (step) => {
    const endpoint = await aws.listen();
    await aws.deploy(ASSEMBLY, { assumeCreated: true });
    step.note(
      `${INSTANCE}, enrolled for run-remote-script; its role '${PROFILE}' holds AmazonSSMManagedInstanceCore only`,
    );
    step.note(`a private bucket ${BUCKET}, with the script and the data that it reads`);
    return setStage(aws, endpoint);
  });
  const broken = await new Story(stage, mode, progress).tell();
  progress.say(broken.length > 0 ? `\n✖ Not as it should be: ${broken.join('; ')}.` : `\n✔ ${mode.outcome}`);
  return broken.length > 0 ? 1 : 0;
}

/** Resolves to 130 on Ctrl-C, which the terminal sends and tsx may send again. */
const interruption = () =>
  new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => resolve(130));
  });

async function main(): Promise<number> {
  // The versions are pinned: that later ones will need a newer Node is no news for whoever looks at a demo.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  let options: Options | undefined;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${(error as Error).message}\nSee npm run demo -- --help`);
    return 2;
  }
  if (!options) {
    console.log(USAGE);
    return 0;
  }
  const aws = createLocalAws({ clock: wallClock(options.speed) });
  const progress = createProgress(process.stdout);
  try {
    const code = await Promise.race([run(aws, options, progress), interruption()]);
    if (code !== 130) return code;
    await progress.close();
    progress.say('\nStopped: nothing of the embedded account remains.');
    return code;
  } catch (error) {
    await progress.close();
    console.error(`\n✖ ${(error as Error).stack}`);
    return 1;
  } finally {
    await aws.close();
  }
}

// Whatever an interrupted demo was still waiting for is not waited for.
void main().then((code) => process.exit(code));
