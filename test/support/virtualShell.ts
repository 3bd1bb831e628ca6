import type { Clock } from '../../local/clock';
import type { Shell, World } from '../../local/world';

type ShellOptions = Parameters<Shell['run']>[0];
type Ran = Awaited<ReturnType<Shell['run']>>;

/** What a script does, in virtual time. Undefined: the small language below. */
export type Behaviour = (options: ShellOptions, world: World) => Promise<Ran> | undefined;

const ROLE = /stepup-[0-9a-f]{32}/;
/** How long the prove script looks, once a second. */
const PROVE_SECONDS = 45;

/**
 * A shell in virtual time. Knows `sleep N`, `exit N`, `echo TEXT` and our prove script; a test gives `behaviour` for more.
 */
export function virtualShell(world: () => World, behaviour: Behaviour = () => undefined): Shell {
  return {
    run: async (options) => {
      const work =
        behaviour(options, world()) ??
        (isProof(options.script) ? prove(options, world()) : interpret(options.script, world().clock));
      return Promise.race([work, killed(options.signal)]);
    },
  };
}

const isProof = (script: string) => script.includes('security-credentials') && ROLE.test(script);

async function prove({ script, instanceId }: ShellOptions, { clock, imds }: World): Promise<Ran> {
  const wanted = ROLE.exec(script)?.[0];
  for (let second = 0; second < PROVE_SECONDS; second += 1) {
    if (imds.credentials(instanceId)?.roleName === wanted) return { exitCode: 0, stdout: `${wanted}\n`, stderr: '' };
    await clock.sleep(1_000);
  }
  return { exitCode: 1, stdout: '', stderr: `saw ${imds.credentials(instanceId)?.roleName}` };
}

async function interpret(script: string, clock: Clock): Promise<Ran> {
  let stdout = '';
  for (const line of script.split('\n').map((text) => text.trim())) {
    const [word, ...rest] = line.split(' ');
    if (word === 'sleep') await clock.sleep(Number(rest[0]) * 1_000);
    if (word === 'echo') stdout += `${rest.join(' ')}\n`;
    if (word === 'exit') return { exitCode: Number(rest[0]), stdout, stderr: '' };
  }
  return { exitCode: 0, stdout, stderr: '' };
}

const killed = (signal: AbortSignal): Promise<Ran> =>
  new Promise((resolve) => {
    const end = () => resolve({ exitCode: 137, stdout: '', stderr: '' });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
