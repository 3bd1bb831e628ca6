import type { ServiceName } from '../../local/world';

/** One invocation of a function. */
export interface Invocation {
  id: string;
  /** The elevation that it works for, by name: of a recovery, the one that it recovers; of sweep, ''. */
  run: string;
  /** The state that invoked it, with `recovery:` before it in the recovery machine; `recover`, `sweep`. */
  place: string;
}

/** One call as AWS carried it out, or refused it. */
export interface Call {
  /** Epoch ms of the world. */
  at: number;
  /** Epoch ms at which it was sent: a request may be held back on its way. */
  sent: number;
  /** Undefined: another hand than StepUp's. */
  by: Invocation | undefined;
  service: ServiceName;
  operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's shapes, by the operation's name
  input: any;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  output?: any;
  /** The wire code of a refusal. */
  error?: string;
}

/** The work of a run began on an instance. */
export interface ScriptStart {
  at: number;
  endedAt?: number;
  run: string;
  /** Whose credentials the metadata service handed out at that moment. */
  roleName: string | undefined;
}

/** An execution, of either machine. */
export interface Execution {
  name: string;
  arn: string;
  status: string;
  error: string | undefined;
  cause: string | undefined;
  output: string | undefined;
  startedAt: number;
  endedAt: number | undefined;
}

/** Something that was done to the world by somebody else than StepUp. */
export interface Act {
  at: number;
  what: string;
  /** False: AWS refused it. */
  done: boolean;
}

/** All that happened in one schedule: the promises are judged by this, and by nothing else. */
export interface Trace {
  calls: Call[];
  scripts: ScriptStart[];
  elevations: Execution[];
  recoveries: Execution[];
  acts: Act[];
  /** Errors of functions that are neither ours nor AWS's. */
  bugs: string[];
  end: End;
}

/** What is there when sweep has had its chance, and every drain is over. */
export interface End {
  at: number;
  /** Below our path. */
  roles: string[];
  profiles: string[];
  /** The profile that counts; null: none. */
  attached: { profileArn: string; profileId: string; state: string } | null;
  instance: string;
  /** Commands that still run. */
  executing: number;
}
