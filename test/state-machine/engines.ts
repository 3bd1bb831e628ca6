import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Launcher } from '../../local/world';
import type { TaskEvent } from '../../state-machine/document';
import { type Ended, type Invoke, type Machine, telling } from '../support/engine';
import { folderOf } from '../support/inProcess';
import type { Stage } from '../support/stage';
import { stateOf } from '../support/worldState';

/** The embedded engine, on the stack as synthesised. */
export async function runEmbedded(stage: Stage, machine: Machine, input: object): Promise<Ended> {
  const stateMachineArn = stage.machineArn(machine);
  const start = new StartExecutionCommand({ stateMachineArn, name: 'run-1', input: JSON.stringify(input) });
  const { executionArn } = await stage.during(stage.sfn.send(start));
  const { status, error, cause, output } = await stage.ended(executionArn as string);
  const states = await stage.states(executionArn as string);
  return { status: status as string, error, cause, output: output && JSON.parse(output), states };
}

/** Sends an answer to a token in the embedded engine, a second after it was told. */
export const answering =
  ({ aws, clock }: Stage, answer: object) =>
  (taskToken: string) => {
    const output = JSON.stringify(answer);
    clock.after(1_000, () => void aws.world.asRoot('states', 'SendTaskSuccess', { taskToken, output }));
  };

/** The launcher's functions; `tell` hears the tokens that they are told. */
export const toldTokens =
  (tell: (token: string) => void) =>
  ({ launch }: Launcher): Launcher => ({
    launch: (fn, ...more) => {
      const { invoke, close } = launch(fn, ...more);
      return { close, invoke: (event, context) => telling((_arn, told) => invoke(told, context), tell)('', event) };
    },
  });

/** `invoke` stands for every function of the state machines; what a rule starts does nothing. CloudFormation is answered. */
export const answeredBy =
  (invoke: Invoke) =>
  ({ launch }: Launcher): Launcher => ({
    launch: (fn, ...more) =>
      folderOf(fn.name) === 'guardRelease'
        ? launch(fn, ...more)
        : {
            invoke: async (event, { invokedArn }) =>
              (event as Partial<TaskEvent>).state ? invoke(invokedArn, event) : { payload: {} },
            close: () => undefined,
          },
  });

/**
 * Our functions; the first invocation for the state `failing` fails after its work. Without sweep: it would recover an
 * elevation whose execution the embedded Step Functions does not know.
 */
export const oursWithout =
  (failing?: string) =>
  ({ launch }: Launcher): Launcher => {
    let due = true;
    return {
      launch: (fn, environment) => {
        const { invoke, close } = launch(fn, environment);
        return {
          close,
          invoke: async (event, context) => {
            if (folderOf(fn.name) === 'sweep') return { payload: {} };
            const result = await invoke(event, context);
            if (!due || (event as Partial<TaskEvent>).state?.Name !== failing) return result;
            due = false;
            return { functionError: { errorType: 'Boom', errorMessage: 'thrown by the test' } };
          },
        };
      },
    };
  };

/** The stage's functions under the state machine's role. What the machine waits for passes in the stage's own time. */
export async function functionsOf({ aws: { world }, machineArn, during, pass }: Stage): Promise<Invoke> {
  const stateMachineArn = machineArn('elevation');
  const { roleArn } = await world.asRoot('states', 'DescribeStateMachine', { stateMachineArn });
  const roleName = roleArn.split('/').at(-1);
  return async (arn, event) => {
    const session = world.iam.issueSession({ roleName, sessionName: 'other', lifetime: 3_600_000 });
    const { principal } = world.iam.accessKey(session.accessKeyId)!;
    const result = await during(world.lambda.invoke(arn, event, principal));
    if ('functionError' in result) return result;
    const payload = result.payload as { done?: boolean; waitSeconds?: number };
    if (payload.done !== false) return result;
    await pass(payload.waitSeconds!);
    return { payload: { ...payload, waitSeconds: 1 } };
  };
}

const MOMENTS = ['started', 'expires', 'restoring-since', 'draining-since', 'delete-after'].map(
  (tag) => `stepup:${tag}`,
);

/** What is there after a run, but for the moments at which things happened. */
export async function leftOn(stage: Stage) {
  await stage.pass(120);
  const state = await stateOf(stage);
  for (const { tags } of Object.values(state.roles)) {
    for (const tag of MOMENTS) if (tags[tag]) tags[tag] = 'a moment';
  }
  return state;
}
