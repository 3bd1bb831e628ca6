/** Where the CPU time of schedules goes, in ms: of all threads, so that garbage collection and compiling are in it. */
export interface Cost {
  schedules: number;
  calls: number;
  total: number;
  /** Deploying the stack into a new world. */
  deploying: number;
  /** Inside the embedded AWS's operations, authorization included. */
  operations: number;
  /** Judging. */
  judging: number;
}

const NOTHING: Cost = { schedules: 0, calls: 0, total: 0, deploying: 0, operations: 0, judging: 0 };

export const cost: Cost = { ...NOTHING };

/** Begins anew. */
export const forgetCost = () => Object.assign(cost, NOTHING);

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Adds the CPU time of everything until the returned function is called. */
export function measure(part: 'total' | 'deploying' | 'operations' | 'judging'): () => void {
  const begun = cpu();
  return () => {
    cost[part] += cpu() - begun;
  };
}
