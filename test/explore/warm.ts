import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Handler } from '../../functions/common/lambda';
import type { FunctionDefinition, InvokeResult, RunningFunction } from '../../local/world';
import { answer, folderOf, sourceOf } from '../support/inProcess';
import { type Bound, clientSettings } from './wire';

/** One sandbox of a function. */
interface Sandbox {
  handler: Handler;
  bound: Bound;
}

/** Runs the function's own code for one event. */
export type Work = () => Promise<InvokeResult>;

/**
 * The functions' sources, kept warm from one world to the next as Lambda keeps them between invocations: their SDK clients
 * are made once. One that was killed, or never answered, is never used again.
 */
export class WarmFunctions {
  private readonly idle = new Map<string, Sandbox[]>();
  private readonly catalogues = new Map<string, never>();

  /** @param around stands around each invocation */
  launch(
    fn: FunctionDefinition,
    environment: () => Record<string, string>,
    world: Pick<Bound, 'world' | 'requestHandler'>,
    around: (event: unknown, bound: Bound, requestId: string, work: Work) => Promise<InvokeResult>,
  ): RunningFunction {
    const sandbox = this.idle.get(fn.name)?.pop() ?? this.make(fn);
    const { bound, handler } = sandbox;
    let running = 0;
    const work = async (event: unknown, requestId: string) => {
      running += 1;
      const result = await answer(handler, event, requestId);
      running -= 1;
      return result;
    };
    return {
      invoke: (event, { requestId }) => {
        const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SESSION_TOKEN: sessionToken = '' } = environment();
        Object.assign(bound, world, { keys: { accessKeyId, sessionToken } });
        return around(event, bound, requestId, () => work(event, requestId));
      },
      close: () => {
        if (running === 0) this.idle.set(fn.name, [...(this.idle.get(fn.name) ?? []), sandbox]);
      },
    };
  }

  private make(fn: FunctionDefinition): Sandbox {
    const bound = {} as Bound;
    const handler = sourceOf(folderOf(fn.name))({
      env: fn.environment,
      clock: { now: () => bound.world.clock.now(), sleep: (ms) => bound.world.clock.sleep(ms) },
      catalogue: () => this.catalogueOf(fn),
      clientSettings: clientSettings(bound),
      log: () => undefined,
    });
    return { handler, bound };
  }

  private catalogueOf({ code }: FunctionDefinition): never {
    const known = this.catalogues.get(code);
    if (known) return known;
    const read = JSON.parse(readFileSync(join(code, 'catalogue.json'), 'utf8')) as never;
    this.catalogues.set(code, read);
    return read;
  }
}
