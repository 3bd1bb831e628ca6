import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { virtualClock } from '../../../local/clock/virtual';
import { createStates } from '../../../local/states';
import {
  AwsError,
  createIds,
  DEFAULT_ASSUMPTIONS,
  DEFAULT_DELAYS,
  type InvokeResult,
  type Principal,
  type World,
} from '../../../local/world';

export const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:work:7';
export const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:machine';

type Handler = (event: never, attempt: number) => unknown;
type Published = Parameters<World['events']['publish']>[0];

/** A world of Step Functions alone, on virtual time, with one function. */
export function statesWorld(definition: object, handler: Handler = () => ({})) {
  const clock = virtualClock();
  const published: Published[] = [];
  const invokers: Principal[] = [];
  const decided: [string, unknown][] = [];
  const issued = new Map<string, Principal>();
  let attempt = 0;
  const world = {
    account: '111122223333',
    region: 'eu-west-1',
    partition: 'aws',
    clock,
    ids: createIds(),
    delays: DEFAULT_DELAYS,
    assumptions: DEFAULT_ASSUMPTIONS,
    iam: {
      trusts: (roleName: string) => roleName === 'machine-role',
      issueSession: ({ roleName, sessionName }: { roleName: string; sessionName: string }) => {
        const arn = `arn:aws:sts::111122223333:assumed-role/${roleName}/${sessionName}`;
        issued.set(sessionName, { kind: 'assumed-role', arn, userId: `AROA:${sessionName}`, issuedAt: clock.now() });
        return { accessKeyId: sessionName };
      },
      accessKey: (id: string) => ({ principal: issued.get(id)! }),
    },
    events: { publish: (event: Published) => published.push(event) },
    lambda: {
      invoke: async (_arn: string, event: unknown, invoker: Principal): Promise<InvokeResult> => {
        invokers.push(invoker);
        const payload = await handler(event as never, attempt++);
        if (payload instanceof AwsError) throw payload;
        if (payload instanceof Error)
          return { functionError: { errorType: payload.name, errorMessage: payload.message } };
        return { payload };
      },
    },
  } as unknown as World;
  const states = createStates(world);
  Object.assign(world, { states });
  states.putStateMachine({
    name: 'machine',
    arn: MACHINE,
    roleName: 'machine-role',
    definition: definition as Record<string, unknown>,
  });

  // biome-ignore lint/suspicious/noExplicitAny: the SDK's shapes, known to each test
  const call = async (name: string, input: object): Promise<any> => {
    const operation = states.operations.find((one) => one.name === name)!;
    const authorize = (action: string, resource: unknown) => void decided.push([action, resource]);
    return operation.run({ world, input, principal: {} as Principal, requestId: 'r', authorize });
  };
  const start = async (input: unknown = {}, name?: string): Promise<string> => {
    const answer = await call('StartExecution', { stateMachineArn: MACHINE, input: JSON.stringify(input), name });
    return answer.executionArn;
  };
  const history = async (executionArn: string): Promise<HistoryEvent[]> =>
    (await call('GetExecutionHistory', { executionArn, maxResults: 1000 })).events;
  const ended = async (executionArn: string) => {
    for (;;) {
      const execution = await call('DescribeExecution', { executionArn });
      if (execution.status !== 'RUNNING') return execution;
      await clock.sleep(100);
    }
  };
  /** Starts, waits for the end, and returns what DescribeExecution says, with the history. */
  const run = async (input: unknown = {}) => {
    const arn = await start(input);
    const execution = await clock.run(ended(arn));
    const seconds = (execution.stopDate - execution.startDate) / 1000;
    return { ...execution, seconds, history: await history(arn) };
  };
  return { clock, world, states, call, start, run, ended, history, published, invokers, decided };
}

/** `id<previousEventId type`, one per event. */
export const outline = (events: HistoryEvent[]) =>
  events.map(({ id, previousEventId, type }) => `${id}<${previousEventId} ${type}`);

/** A machine of one state, and those that follow. */
export const machineOf = (state: object, others: object = {}) => ({ StartAt: 'S', States: { S: state, ...others } });

export const task = (fields: object) => ({ Type: 'Task', Resource: FUNCTION, ...fields });

/** A Task that tells the function its token, and waits. */
export const waiting = (fields: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Parameters: { FunctionName: FUNCTION, Payload: { 'token.$': '$$.Task.Token', 'input.$': '$' } },
  End: true,
  ...fields,
});
