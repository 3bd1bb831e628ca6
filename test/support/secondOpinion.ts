import { setImmediate as turn } from 'node:timers/promises';
import { ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { definitionOf, type Ended, type Engine, type Invoke, type Run } from './engine';

/** `$$.State`, which the engine lacks: told from its log. */
interface CurrentState {
  Name: string;
  EnteredTime: string;
  RetryCount: number;
}

/**
 * aws-local-stepfunctions, in this process. Retry does not wait there. Wait states do, as the definition says, unless
 * they are `skipped`.
 */
export const secondOpinion = (waits?: 'skipped'): Engine => ({
  run: (run) => withResolvers(() => execute(run, waits)),
});

/** Node 20 has no Promise.withResolvers, and every Task of the engine calls it. */
async function withResolvers<T>(work: () => Promise<T>): Promise<T> {
  if ('withResolvers' in Promise) return work();
  const value = <R>() => {
    const settle = {} as { resolve(result: R): void; reject(reason: unknown): void };
    return { promise: new Promise<R>((resolve, reject) => Object.assign(settle, { resolve, reject })), ...settle };
  };
  Object.defineProperty(Promise, 'withResolvers', { value, configurable: true });
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(Promise, 'withResolvers');
  }
}

async function execute(run: Run, waits?: 'skipped'): Promise<Ended> {
  const definition = JSON.parse(definitionOf(run)) as StateMachineDefinition;
  const State: CurrentState = { Name: '', EnteredTime: '', RetryCount: 0 };
  // Validation takes longer than a run; test/state-machine/asl.test.ts does it, by a newer validator.
  const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
  const { result, eventLogs } = machine.run(JSON.parse(JSON.stringify(run.input)), {
    context: { State, Execution: executionOf(run) } as never,
    overrides: {
      taskResourceLocalHandlers: each(definition, 'Task', ({ Resource }) => handler(Resource as string, run.invoke)),
      retryIntervalOverrides: each(definition, 'Task', () => 0),
      waitTimeOverrides: waits ? each(definition, 'Wait', () => 0) : {},
    },
  });
  const [end, states] = await Promise.all([endOf(result), follow(eventLogs, State)]);
  return { ...end, states };
}

/** `$$.Execution`, of which the engine has Input and StartTime only. */
const executionOf = ({ machine, deployment, account }: Run) => ({
  Id: `arn:aws:states:us-east-1:${account}:execution:${deployment}-${machine}:run-1`,
  Name: 'run-1',
  RoleArn: `arn:aws:iam::${account}:role/machine`,
  RedriveCount: 0,
});

const each = <T>(definition: StateMachineDefinition, type: string, of: (state: Partial<Record<'Resource', string>>) => T) =>
  Object.fromEntries(
    Object.entries(definition.States)
      .filter(([, { Type }]) => Type === type)
      .map(([name, state]) => [name, of(state as Partial<Record<'Resource', string>>)]),
  );

/** Fails as Lambda does for Step Functions: the error's type is its name, and its JSON the cause. */
const handler = (arn: string, invoke: Invoke) => async (input: unknown) => {
  // The log of this attempt is written, but not read yet.
  await turn();
  const result = await invoke(arn, structuredClone(input));
  if (!('functionError' in result)) return structuredClone(result.payload) as never;
  const { functionError } = result;
  throw Object.assign(new Error(JSON.stringify(functionError)), { name: functionError.errorType });
};

async function endOf(result: Promise<unknown>): Promise<Omit<Ended, 'states'>> {
  try {
    return { status: 'SUCCEEDED', output: await result };
  } catch (failure) {
    if (!(failure instanceof ExecutionError)) throw failure;
    const { name, message } = failure.cause as Error;
    return { status: 'FAILED', error: name, cause: message };
  }
}

type Log = ReturnType<StateMachine['run']>['eventLogs'];

/** Keeps `State` up to date; returns the names of the states that were entered. */
async function follow(log: Log, State: CurrentState): Promise<string[]> {
  const names: string[] = [];
  for await (const event of log) {
    if (event.type === 'StateRetried') State.RetryCount += 1;
    if (event.type !== 'StateEntered') continue;
    const { name } = event.state;
    names.push(name);
    Object.assign(State, { Name: name, EnteredTime: new Date(event.timestamp).toISOString(), RetryCount: 0 });
  }
  return names;
}
