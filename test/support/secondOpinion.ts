import { setImmediate as turn } from 'node:timers/promises';
import { ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { definitionOf, type Ended, type Engine, type Invoke, type Run } from './engine';

interface Settings {
  invoke: Invoke;
  answer?: object | undefined;
  /** `$$.Execution`, of which the engine itself has Input and StartTime only. */
  Execution?: object;
  /** Wait states take what the definition says, unless they are `skipped`. */
  waits?: 'skipped';
}

/** aws-local-stepfunctions, in this process. */
export const secondOpinion = (waits?: 'skipped'): Engine => ({
  run: (run) => interpret(readable(run), run.input, { ...run, Execution: executionOf(run), waits }),
});

/** The definition without TimeoutSecondsPath, which it looks for in what Parameters have made. */
function readable(run: Run): StateMachineDefinition {
  const definition = JSON.parse(definitionOf(run));
  for (const state of Object.values<AnyState>(definition.States)) delete state.TimeoutSecondsPath;
  return definition;
}

const executionOf = ({ machine, deployment, account }: Run) => ({
  Id: `arn:aws:states:us-east-1:${account}:execution:${deployment}-${machine}:run-1`,
  Name: 'run-1',
  RoleArn: `arn:aws:iam::${account}:role/machine`,
  RedriveCount: 0,
});

/** Retry does not wait there. */
export async function interpret(
  definition: StateMachineDefinition,
  input: unknown,
  { invoke, answer, Execution, waits }: Settings,
): Promise<Ended> {
  const State: CurrentState = { Name: '', EnteredTime: '', RetryCount: 0 };
  // Validation takes longer than a run; test/state-machine/asl.test.ts does it, by a newer validator.
  const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
  return withResolvers(async () => {
    const { result, eventLogs } = machine.run(JSON.parse(JSON.stringify(input)), {
      context: { State, Execution, Task: { Token: 'token' } } as never,
      overrides: {
        taskResourceLocalHandlers: each(definition, 'Task', ({ Resource = '' }) =>
          Resource.endsWith('.waitForTaskToken') ? callback(invoke, answer) : handler(Resource, invoke),
        ),
        retryIntervalOverrides: each(definition, 'Task', () => 0),
        waitTimeOverrides: waits ? each(definition, 'Wait', () => 0) : {},
      },
    });
    const [end, states] = await Promise.all([endOf(result), follow(eventLogs, State)]);
    return { ...end, states };
  });
}

/** Node 20 has no Promise.withResolvers, and every Task of the engine calls it. */
async function withResolvers<T>(work: () => Promise<T>): Promise<T> {
  if ('withResolvers' in Promise) return work();
  const value = () => {
    const settle = {};
    const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
    return { promise, ...settle };
  };
  Object.defineProperty(Promise, 'withResolvers', { value, configurable: true });
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(Promise, 'withResolvers');
  }
}

type AnyState = { Type: string; Resource?: string; TimeoutSecondsPath?: string };

function each<T>({ States }: StateMachineDefinition, type: string, of: (state: AnyState) => T): Record<string, T> {
  const states = Object.entries(States as Record<string, AnyState>).filter(([, { Type }]) => Type === type);
  return Object.fromEntries(states.map(([name, state]) => [name, of(state)]));
}

/** Fails as Lambda does for Step Functions: the error's type is its name, and its JSON the cause. */
const handler = (arn: string, invoke: Invoke) => async (input: unknown) => {
  // The log has this attempt, but nobody has read it yet.
  await turn();
  const result = await invoke(arn, structuredClone(input));
  if (!('functionError' in result)) return structuredClone(result.payload) as never;
  const { functionError } = result;
  throw Object.assign(new Error(JSON.stringify(functionError)), { name: functionError.errorType });
};

/** Waiting for a token is left to this: the engine has no integrations. */
const callback = (invoke: Invoke, answer: object | undefined) => async (input: unknown) => {
  const { FunctionName, Payload } = input as { FunctionName: string; Payload: unknown };
  await handler(FunctionName, invoke)(Payload);
  if (answer) return answer as never;
  throw Object.assign(new Error(''), { name: 'States.Timeout' });
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

/** `$$.State`, which the engine lacks. */
interface CurrentState {
  Name: string;
  EnteredTime: string;
  RetryCount: number;
}

/** Keeps `State` as the log tells it; returns the names of the states that were entered. */
async function follow(log: ReturnType<StateMachine['run']>['eventLogs'], State: CurrentState): Promise<string[]> {
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
