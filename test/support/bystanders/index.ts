import type { LocalAws } from '../../../local';
import type { Credentials } from '../../../local/world';
import { botocore } from './botocore';
import { javascript, javascriptChain } from './javascript';
import { metadataOf } from './metadata';
import type { Provider } from './provider';

export { askIam, askWith } from './asks';

const KINDS = { botocore, javascript, javascriptChain };
export type Kind = keyof typeof KINDS;
export const kinds = Object.keys(KINDS) as Kind[];

/** Makes a call with the credentials; rejects as AWS does. */
export type Ask = (credentials: Credentials) => Promise<unknown>;

/** An error that a process on the instance has seen, in its call or before it, for want of credentials. */
export interface SeenError {
  at: number;
  name: string;
  message: string;
}

export interface Bystander {
  /** In the order in which they were seen. */
  readonly errors: SeenError[];
  /** Calls that were made, with or without success. */
  readonly calls: number;
  stop(): void;
}

export interface BystanderOptions {
  /** How often it makes its call, in ms. */
  every?: number;
  /** Whether each call is made by a process of its own, as by a cron job. */
  shortLived?: boolean;
}

/**
 * A process on an instance that makes the same call again and again, with credentials from the metadata service, which it holds and
 * refreshes as its SDK does. Lives on the world's clock until it is stopped. It dies with its instance: on one that is started
 * again it is a new process.
 */
export function bystander(
  kind: Kind,
  { world }: Pick<LocalAws, 'world'>,
  instanceId: string,
  ask: Ask,
  { every = 60_000, shortLived = false }: BystanderOptions = {},
): Bystander {
  const { clock } = world;
  const start = (): Provider => KINDS[kind](metadataOf(world, instanceId), clock);
  const seen = { errors: [] as SeenError[], calls: 0 };
  let provider: Provider | undefined;
  let stopped = false;
  let callOff = () => {};

  const isRunning = () => !stopped && world.ec2.instance(instanceId)?.state === 'running';
  const call = async () => {
    provider = (!shortLived && provider) || start();
    try {
      await ask(await provider());
    } catch (error) {
      if (!isRunning()) return;
      const { name, message } = error as Error;
      seen.errors.push({ at: clock.now(), name, message });
    }
    seen.calls += 1;
  };
  const live = async () => {
    if (isRunning()) await call();
    else provider = undefined;
    if (!stopped) callOff = clock.after(every, live);
  };
  void live();
  return Object.assign(seen, {
    stop: () => {
      stopped = true;
      callOff();
    },
  });
}
