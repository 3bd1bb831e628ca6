import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FunctionDefinition, InvokeResult, Launcher, RunningFunction, World } from '../world';

export interface WorkerOptions {
  /** Hears what functions write to stdout and stderr, besides their log groups. */
  onLog?: (functionName: string, text: string) => void;
}

/** Runs each instance of a function in a thread of its own, with exactly its environment. */
export function workerLauncher(world: World, options: WorkerOptions = {}): Launcher {
  return {
    launch: (fn, environment, log) => {
      if (!Number.isFinite(world.clock.speed)) {
        throw new Error('Threads live in real time: on a virtual clock, run the handlers in this process');
      }
      const onLog = (name: string, text: string) => {
        log?.(text);
        options.onLog?.(name, text);
      };
      return launch(fn, environment(), world, { onLog });
    },
  };
}

type Reply = { ready: true } | InvokeResult;

function launch(
  fn: FunctionDefinition,
  env: Record<string, string>,
  { clock }: World,
  { onLog }: WorkerOptions,
): RunningFunction {
  const worker = new Worker(join(__dirname, 'runtime.cjs'), {
    env,
    stdout: true,
    stderr: true,
    // The parent's loaders are not the function's.
    execArgv: [],
    workerData: { code: fn.code, speed: clock.speed, worldNow: clock.now(), realNow: Date.now() },
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.on('data', (chunk) => onLog?.(fn.name, String(chunk)));
  }
  let crash: Error | undefined;
  let onCrash: ((reason: Error) => void) | undefined;
  worker.on('error', (error) => onLog?.(fn.name, String(error.stack)));
  worker.on('exit', (code) => {
    const reason = code === 0 ? 'exited without providing a reason' : `exited with error: exit status ${code}`;
    crash = new Error(`Runtime ${reason}`);
    onCrash?.(crash);
  });
  return {
    invoke: (event, context) =>
      new Promise((resolve, reject) => {
        if (crash) return reject(crash);
        onCrash = reject;
        worker.once('message', (reply: Exclude<Reply, { ready: true }>) => resolve(reply));
        worker.postMessage({ event, context });
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}
