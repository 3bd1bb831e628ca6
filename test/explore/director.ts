import type { InvokeResult } from '../../local/world';
import { AwsError } from '../../local/world';
import { ACTS } from './acts';
import type { Arena, CallInProgress, Hooks, Kill, Proceed } from './arena';
import { CALL_FAULTS } from './callFaults';
import type { Fault } from './schedule';
import type { Invocation } from './trace';
import type { Work } from './warm';

/** A place that a schedule came by, where a fault can be put. */
export interface Site {
  name: string;
  /** Undefined: a visit of a state. */
  operation?: string;
}

/** Brings the faults of a schedule to the places where they belong, and notes by which places it came. */
export class Director implements Hooks {
  readonly sites: Site[] = [];
  /** Faults whose place was never come by. */
  readonly missed: Set<Fault>;
  /** Acts that are still to come to their end. */
  pending = 0;
  private readonly counts = new Map<string, number>();
  private readonly attempts = new Map<string, { site: string; number: number }>();
  private readonly told = new Map<string, number[]>();
  private arena: Arena | undefined;

  /** @throws Error when there is no fault of such a kind */
  constructor(private readonly faults: Fault[]) {
    this.missed = new Set(faults);
    const unknown = faults.find(({ kind }) => !(kind in ACTS || kind in CALL_FAULTS || kind in INVOCATION_FAULTS));
    if (!unknown) return;
    const kinds = [ACTS, CALL_FAULTS, INVOCATION_FAULTS].flatMap((group) => Object.keys(group)).join(', ');
    throw new Error(`There is no fault '${unknown.kind}': ${kinds}.`);
  }

  enter(arena: Arena): void {
    this.arena = arena;
  }

  async call(call: CallInProgress, proceed: Proceed, kill: Kill): Promise<unknown> {
    const { by, service, operation, client } = call;
    const attempt = this.attempts.get(client) ?? {
      site: this.come(`${by.run}.${by.place}/${operation}`, operation),
      number: 0,
    };
    this.attempts.set(client, attempt);
    attempt.number += 1;
    const faults = this.at(attempt.site);
    if (attempt.number === 1) for (const { kind } of faults) await this.act(kind, by);
    const fault = faults.map(({ kind }) => CALL_FAULTS[kind]).find(Boolean);
    if (!fault) return proceed();
    return fault({ service, number: attempt.number, clock: (this.arena as Arena).clock, proceed, kill });
  }

  async invocation(invocation: Invocation, work: Work, kill: Kill): Promise<InvokeResult> {
    const visit = `${invocation.run}.${invocation.place}`;
    const site = `${visit}#${this.counts.get(visit) ?? 0}`;
    const fault = [...this.missed].find((one) => one.site === site && INVOCATION_FAULTS[one.kind]);
    if (!fault) return work();
    this.missed.delete(fault);
    return (INVOCATION_FAULTS[fault.kind] as InvocationFault)(work, kill);
  }

  entered(run: string, place: string): void {
    const site = this.come(`${run}.${place}`);
    for (const { kind } of this.at(site)) void this.act(kind, { id: '', run, place });
  }

  deliveries(run: string): number[] {
    return this.told.get(run) ?? [0];
  }

  /** The next change of this run's status is told so. */
  tell(run: string, delays: number[]): void {
    this.told.set(run, delays);
  }

  private come(place: string, operation?: string): string {
    const count = (this.counts.get(place) ?? 0) + 1;
    this.counts.set(place, count);
    const name = `${place}#${count}`;
    this.sites.push({ name, ...(operation && { operation }) });
    return name;
  }

  private at(site: string): Fault[] {
    const here = this.faults.filter((fault) => fault.site === site && !INVOCATION_FAULTS[fault.kind]);
    for (const fault of here) this.missed.delete(fault);
    return here;
  }

  private async act(kind: string, at: Invocation): Promise<void> {
    const act = ACTS[kind];
    if (!act) return;
    this.pending += 1;
    const ended: Promise<unknown> = act({ arena: this.arena as Arena, director: this, ...at }).finally(() => {
      this.pending -= 1;
    });
    // What takes time goes on beside the run.
    await Promise.race([ended, new Promise((resolve) => setImmediate(resolve))]);
  }
}

type InvocationFault = (work: Work, kill: Kill) => Promise<InvokeResult>;

const lost = () => new AwsError('ServiceException', 'The service encountered an internal error.', 500);

/** What may become of one invocation. The machine sees an error that it retries where the ASL has a Retry for it. */
export const INVOCATION_FAULTS: Record<string, InvocationFault> = {
  // It was done, but Lambda says that it was not: it is invoked again.
  twice: async (work) => {
    await work();
    throw lost();
  },
  // The same, while the first is still at work.
  overlapping: async (work, kill) => {
    void work();
    return kill();
  },
  died: (_, kill) => kill(),
  refused: async () => {
    throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  },
};
