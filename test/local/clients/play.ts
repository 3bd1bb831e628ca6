import { setTimeout as sleep } from 'node:timers/promises';
import { createLocalAws, wallClock } from '../../../local';
import type { ServiceName, World } from '../../../local/world';
import type { Keys } from '../../support/awsCli';
import type { Actor, Chain, Example } from './example';
import { createNormal } from './normal';

/** What became of one call. `fault`: the client or the example is at fault, not AWS. */
export type Outcome = { answer: unknown } | { refusal: { code: string; message: string } } | { fault: string };

export interface Request {
  service: ServiceName;
  operation: string;
  input: object;
  keys: Keys;
}

/** A kind of client: the SDK, the AWS CLI, boto3. */
export interface Client {
  ask(request: Request, endpoint: string): Promise<Outcome>;
  close(): void;
}

/** A world's minute is a tenth of a second. */
const SPEED = 600;
/** Looks at something that takes time, in real time. */
const PATIENCE_MS = 20_000;

export type Played = Map<Example, Outcome>;

/** Plays a chain in a new world; returns what became of each example, made equal for all clients. */
export async function play(chain: Chain, client: Client, isPlayed = (_: Example) => true): Promise<Played> {
  const aws = createLocalAws({ clock: wallClock(SPEED), delays: { iamPropagation: 0 } });
  try {
    const keys = await people(aws.world);
    await chain.seed?.(aws.world);
    // Even without a delay authorization sees what is new a turn later.
    await aws.world.clock.sleep(1_000);
    const endpoint = await aws.listen();
    return await askAll(
      { ...chain, examples: chain.examples.filter(isPlayed) },
      (request) => client.ask(request, endpoint),
      keys,
    );
  } finally {
    await aws.close();
  }
}

async function askAll(
  { service, examples }: Chain,
  ask: (request: Request) => Promise<Outcome>,
  keys: Record<Actor, Keys>,
): Promise<Played> {
  const normal = createNormal();
  const last = new Map<string, unknown>();
  const played: Played = new Map();
  for (const example of examples) {
    const { operation, input, as, until } = example;
    const one = async () => {
      const built = typeof input === 'function' ? input((name) => last.get(name)) : input;
      return ask({ service, operation, input: built, keys: keys[as] });
    };
    const outcome = await patiently(one, until);
    if ('answer' in outcome) last.set(operation, outcome.answer);
    played.set(example, normal(outcome));
  }
  return played;
}

async function patiently(ask: () => Promise<Outcome>, until: Example['until'] = () => true): Promise<Outcome> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const outcome = await ask().catch((error): Outcome => ({ fault: String(error) }));
    if (!('answer' in outcome) || until(outcome.answer)) return outcome;
    if (Date.now() > deadline) return { fault: `Asked in vain for ${PATIENCE_MS} ms: ${JSON.stringify(outcome)}` };
    await sleep(10);
  }
}

async function people({ asRoot, iam }: World): Promise<Record<Actor, Keys>> {
  const keysOf = async (UserName: string): Promise<Keys> => {
    await asRoot('iam', 'CreateUser', { UserName });
    const { AccessKey } = await asRoot('iam', 'CreateAccessKey', { UserName });
    return { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  };
  const [admin, nobody] = [await keysOf('admin'), await keysOf('nobody')];
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  await asRoot('iam', 'AttachUserPolicy', { UserName: 'admin', PolicyArn });
  return { root: iam.rootKey, admin, nobody, stranger: { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' } };
}
