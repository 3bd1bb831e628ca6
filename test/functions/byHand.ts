import { GetAccountSummaryCommand } from '@aws-sdk/client-iam';
import type { InvokeResult } from '../../local/world';
import { type ErrorName, StepUpError } from '../../state-machine/errors';
import { readMachine, type State, waitsForToken } from '../state-machine/definitions';
import { createStage, DEPLOYMENT, request, type Stage, type StageOptions } from '../support/stage';

const { States } = readMachine('elevation');

/** An elevation whose Tasks a test runs one by one, in any order, under the functions' own roles. */
export interface ByHand {
  executionArn: string;
  document: Record<string, unknown>;
  /** One entry of a state; its result is put where the ASL puts it. @throws Error under the function's error name */
  enter(state: string, context?: { retryCount?: number; redriveCount?: number }): Promise<Result>;
  /** Enters a state, and waits as it says, until it is done. @returns how often it was entered */
  finish(state: string): Promise<number>;
}

// biome-ignore lint/suspicious/noExplicitAny: each function's result has its own schema
type Result = any;

/** Starts nothing: Step Functions does not know this execution. */
export function byHand(stage: Stage, request: object, name = 'by-hand'): ByHand {
  const { account } = stage.aws.world;
  const executionArn = `arn:aws:states:us-east-1:${account}:execution:${DEPLOYMENT}-elevation:${name}`;
  const StartTime = new Date(stage.clock.now()).toISOString();
  const document: Record<string, unknown> = { request };

  const enter: ByHand['enter'] = async (stateName, { retryCount = 0, redriveCount = 0 } = {}) => {
    const state = States[stateName] as State;
    const { Resource = '', Parameters = {}, ResultPath } = state;
    const event = {
      ...(Parameters.purpose !== undefined && { purpose: Parameters.purpose }),
      document,
      execution: { Id: executionArn, Name: name, StartTime, RedriveCount: redriveCount },
      state: { Name: stateName, EnteredTime: StartTime, RetryCount: retryCount },
      ...(waitsForToken(state) && { token: 'by-hand' }),
    };
    // '${swapProfile}' -> 'swapProfile'
    const folder = String(Parameters.FunctionName ?? Resource).slice(2, -1);
    const result = answered(await stage.during(invoke(stage, folder, event)));
    document[(ResultPath ?? '').replace('$.', '')] = result;
    return result;
  };
  const finish = async (stateName: string) => {
    for (let times = 1; ; times += 1) {
      const { done = true, waitSeconds = 0 } = await enter(stateName);
      if (done) return times;
      if (times > 1_000) throw new Error(`${stateName} never ends`);
      await stage.pass(waitSeconds);
    }
  };
  return { executionArn, document, enter, finish };
}

/** Invokes a function of the stack as the elevation machine does. */
async function invoke({ aws: { world } }: Stage, folder: string, event: unknown): Promise<InvokeResult> {
  const stateMachineArn = `arn:aws:states:${world.region}:${world.account}:stateMachine:${DEPLOYMENT}-elevation`;
  const { roleArn, definition } = await world.asRoot('states', 'DescribeStateMachine', { stateMachineArn });
  const [functionArn] = new RegExp(`arn:[^"]*-${folder}:\\d+`).exec(definition) ?? [];
  if (!functionArn) throw new Error(`The machine calls no ${folder}`);
  const session = { roleName: roleArn.split('/').at(-1), sessionName: 'by-hand', lifetime: 3_600_000 };
  const { accessKeyId } = world.iam.issueSession(session);
  return world.lambda.invoke(functionArn, event, world.iam.accessKey(accessKeyId)!.principal);
}

function answered(result: InvokeResult): Result {
  if ('payload' in result) return result.payload;
  const { errorType = 'Error', errorMessage } = result.functionError;
  throw new StepUpError(errorType as ErrorName, errorMessage);
}

/** A stage on which nothing is swept: to Step Functions the runs of these tests are unknown. */
export async function stageByHand(options: StageOptions = {}): Promise<Stage> {
  const asleep = { invoke: async () => ({ payload: {} }), close: () => undefined };
  const wrapLauncher: StageOptions['wrapLauncher'] = ({ launch }) => ({
    launch: (fn, environment) => (fn.name.endsWith('-sweep') ? asleep : launch(fn, environment)),
  });
  const stage = await createStage({ ...options, wrapLauncher });
  // The SDK's first call reads its configuration from the disk, which virtual time does not wait for.
  await stage.iam.send(new GetAccountSummaryCommand({}));
  return stage;
}

const WAY = ['CaptureProfile', 'CreateTempRole', 'SwapProfile', 'WaitAssociated', 'ProveIdentity', 'SendScript'];

/** A run that went well up to a state, which the test enters itself. */
export async function upTo(
  state: string,
  options?: StageOptions,
  input: object = request(),
): Promise<{ stage: Stage; run: ByHand }> {
  const stage = await stageByHand(options);
  const run = byHand(stage, input);
  for (const before of WAY.slice(0, WAY.indexOf(state))) await run.finish(before);
  return { stage, run };
}
