import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock';
import { publishOutput } from './cloudWatch';
import { runStep } from './plugins';
import { uploadOutput } from './s3';
import type { FinalStatus, Invocation, Ssm, StopReason, StoredCommand } from './state';

/** How often a message is offered to an agent that is away, and an instance is looked at while its script runs. */
const LOOK = 5_000;
/** ExpiresAfter until SSM says that the time is over: aws-facts 4.3. */
const EXPIRY_LAG = 15_000;
/** The agent lets the worst status win, in this order. */
const SEVERITY: FinalStatus[] = ['Success', 'Failed', 'Cancelled', 'TimedOut'];

/** One invocation, from the message to its end. */
export async function deliver(ssm: Ssm, command: StoredCommand, invocation: Invocation): Promise<void> {
  const { clock, delays } = ssm.world;
  const { signal } = invocation.stop;
  const deliverBy = command.requestedAt + command.timeoutSeconds * 1000;
  await pause(clock, delays.commandDelivery, signal);
  while (!signal.aborted && !ssm.registry.connected(invocation.instanceId)) {
    if (clock.now() >= deliverBy) return expire(ssm, command, invocation, 'DeliveryTimedOut');
    invocation.statusDetails = 'Delayed';
    await pause(clock, LOOK, signal);
  }
  if (signal.aborted) return finish(invocation, 'Cancelled', 'Cancelled');
  invocation.status = 'InProgress';
  invocation.statusDetails = 'InProgress';
  const callOff = watchInstance(ssm, invocation);
  await runDocument(ssm, command, invocation).finally(callOff);
  // The dead tell nothing: SSM waits until the time is over. Unconfirmed: Undeliverable rather than ExecutionTimedOut.
  if (signal.reason === 'Undeliverable') return expire(ssm, command, invocation, 'Undeliverable');
  if (signal.aborted) return finish(invocation, 'Cancelled', 'Cancelled');
  const worst = Math.max(...invocation.steps.map((run) => SEVERITY.indexOf(run.status as FinalStatus)));
  const status = SEVERITY[worst] ?? 'Failed';
  finish(invocation, status, status === 'TimedOut' ? 'ExecutionTimedOut' : status);
}

/** What is not delivered can still be cancelled; a dead instance's command cannot. */
async function expire(
  { world, closing }: Ssm,
  command: StoredCommand,
  invocation: Invocation,
  details: 'DeliveryTimedOut' | 'Undeliverable',
): Promise<void> {
  const called = details === 'Undeliverable' ? closing.signal : invocation.stop.signal;
  await pause(world.clock, command.expiresAfter + EXPIRY_LAG - world.clock.now(), called);
  if (called.aborted) return finish(invocation, 'Cancelled', 'Cancelled');
  finish(invocation, 'TimedOut', details);
}

function finish(invocation: Invocation, status: FinalStatus, details: string): void {
  invocation.status = status;
  invocation.statusDetails = details;
  for (const run of invocation.steps) {
    if (run.status === 'Pending') Object.assign(run, { status, statusDetails: details });
  }
}

/** A script ends with its instance. */
function watchInstance({ world }: Ssm, { instanceId, stop }: Invocation): () => void {
  let callOff = () => {};
  const look = () => {
    if (world.ec2.instance(instanceId)?.state !== 'running') return stop.abort('Undeliverable' satisfies StopReason);
    callOff = world.clock.after(LOOK, look);
  };
  look();
  return () => callOff();
}

/**
 * Like the agent it goes on to the next step whatever became of the last.
 * Its file work is synchronous: virtual time does not wait for a disk.
 */
async function runDocument(ssm: Ssm, command: StoredCommand, { instanceId, steps, stop }: Invocation): Promise<void> {
  const { scratch, downloads, remove } = ssm.shell.touchesNoFiles ? NOWHERE : makeScratch();
  try {
    for (const run of steps) {
      if (stop.signal.aborted) return;
      const startedAt = ssm.world.clock.now();
      const result = await runStep(run.step, { ssm, instanceId, home: scratch, downloads, stop: stop.signal });
      // From a dead instance there is no report.
      if (stop.signal.reason === 'Undeliverable') return;
      Object.assign(run, result, { startedAt, endedAt: ssm.world.clock.now() });
      await uploadOutput(ssm, command, instanceId, run);
      await publishOutput(ssm, command, instanceId, run);
    }
  } finally {
    remove();
  }
}

const NOWHERE = { scratch: '/nonexistent', downloads: '/nonexistent', remove: () => {} };

function makeScratch() {
  const scratch = mkdtempSync(join(tmpdir(), 'stepup-instance-'));
  const downloads = join(scratch, 'downloads');
  mkdirSync(downloads, { mode: 0o700 });
  return { scratch, downloads, remove: () => rmSync(scratch, { recursive: true, force: true }) };
}

/** Sleeps on the world's clock, until `signal` at most. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const callOff = clock.after(ms, () => {
      signal.removeEventListener('abort', wake);
      resolve();
    });
    const wake = () => {
      callOff();
      resolve();
    };
    signal.addEventListener('abort', wake, { once: true });
  });
}
