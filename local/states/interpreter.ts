import type { Assumptions } from '../world';
import type { FailState, PassState, State, WaitState } from './asl';
import { choose } from './choice';
import { Closed, type Execution, type Position, WHOLE } from './execution';
import { checkSize, RuntimeFailure, StateFailure } from './failures';
import { fill, find, place, read, type Scope } from './paths';
import { runTask, type TaskSurroundings } from './task';

interface Step {
  output: unknown;
  /** Undefined: the execution has succeeded. */
  next: string | undefined;
}

/** What an execution needs beyond its definition. */
export interface Surroundings extends TaskSurroundings {
  assumptions: Assumptions;
  /** Hears of every state that is entered, before it does anything. */
  entered: (state: string) => void;
}

/** Runs an execution to its end. Never rejects for anything that a definition or a function does. */
export async function interpret(execution: Execution, surroundings: Surroundings): Promise<void> {
  try {
    execution.close('SUCCEEDED', { output: await walk(execution, surroundings) });
  } catch (failure) {
    if (failure instanceof Closed) return;
    if (!(failure instanceof StateFailure)) throw failure;
    execution.close('FAILED', { error: failure.error, cause: failure.cause });
  }
}

async function walk(execution: Execution, surroundings: Surroundings): Promise<string> {
  const { assumptions, entered } = surroundings;
  const { StartAt, States } = execution.machine.definition;
  // A redriven execution is in a state already: AWS runs that state again without entering it again.
  let position = execution.position ?? enter(execution, StartAt, JSON.parse(execution.input));
  try {
    for (;;) {
      const { name } = position;
      entered(name);
      const state = States[name]!;
      const scopeOf = scopes(execution, state, position, assumptions);
      const step: Step =
        state.Type === 'Task'
          ? await runTask(state, execution, surroundings, scopeOf)
          : await runState(state, execution, scopeOf(0));
      const output = JSON.stringify(step.output);
      checkSize(output, name);
      execution.record(`${state.Type}StateExited`, { name, output, outputDetails: WHOLE });
      if (step.next === undefined) return output;
      if (execution.doomed) {
        // aws-facts-2 12.6
        throw new StateFailure('States.Runtime', `State machine ${execution.machine.name} has been deleted`);
      }
      position = enter(execution, step.next, step.output);
    }
  } catch (failure) {
    throw failure instanceof RuntimeFailure ? failure.at(position.name, position.entered.id) : failure;
  }
}

function enter(execution: Execution, name: string, input: unknown): Position {
  const { Type } = execution.machine.definition.States[name]!;
  const details = { name, input: JSON.stringify(input), inputDetails: WHOLE };
  execution.position = { name, input, entered: execution.record(`${Type}StateEntered`, details) };
  return execution.position;
}

/** `$` and `$$` for each attempt of a state. RetryCount is there for states that can retry, recorded so by AWS. */
function scopes(
  execution: Execution,
  state: State,
  { name, input, entered }: Position,
  assumptions: Assumptions,
): (retryCount: number) => Scope {
  const { machine } = execution;
  const EnteredTime = entered.timestamp.toISOString();
  return (retryCount) => ({
    input,
    context: {
      Execution: {
        Id: execution.arn,
        Input: JSON.parse(execution.input),
        StartTime: new Date(execution.startedAt).toISOString(),
        Name: execution.name,
        RoleArn: machine.roleArn,
        ...(assumptions.redriveCountInContext && redriveContext(execution)),
      },
      StateMachine: { Id: machine.arn, Name: machine.name },
      State: { Name: name, EnteredTime, ...(state.Type === 'Task' && { RetryCount: retryCount }) },
    },
  });
}

function redriveContext({ redrives }: Execution): object {
  const last = redrives.at(-1);
  return { RedriveCount: redrives.length, ...(last && { RedriveTime: new Date(last.at).toISOString() }) };
}

async function runState(state: Exclude<State, { Type: 'Task' }>, execution: Execution, scope: Scope): Promise<Step> {
  switch (state.Type) {
    case 'Choice':
      return { output: scope.input, next: choose(state, scope) };
    case 'Wait':
      await execution.wait(secondsOf(state, scope) * 1000);
      return { output: scope.input, next: state.Next };
    case 'Pass':
      return { output: place(scope.input, state.ResultPath, resultOf(state, scope)), next: state.Next };
    case 'Succeed':
      return { output: scope.input, next: undefined };
    case 'Fail':
      throw new StateFailure(textOf(state, 'Error', scope) ?? '', textOf(state, 'Cause', scope));
  }
}

function resultOf(state: PassState, scope: Scope): unknown {
  if (state.Result !== undefined) return state.Result;
  return state.Parameters === undefined ? scope.input : fill(state.Parameters, scope);
}

/** AWS keeps seconds in 32 bits: 24,856 days are recorded as too long. */
const LONGEST_WAIT = 2_147_483_647;

function secondsOf(state: WaitState, scope: Scope): number {
  const path = state.SecondsPath;
  if (path === undefined) return state.Seconds!;
  const found = find(path, scope);
  if (!found) throw new RuntimeFailure(`The SecondsPath parameter does not reference an input value: ${path}`);
  const shown = `${path} == ${typeof found.value === 'string' ? found.value : JSON.stringify(found.value)}`;
  if (typeof found.value !== 'number' || !Number.isInteger(found.value)) {
    throw new RuntimeFailure(`The SecondsPath parameter cannot be parsed as a long value: ${shown}`);
  }
  if (found.value < 0) throw new RuntimeFailure(`The SecondsPath parameter references a negative value: ${shown}`);
  if (found.value > LONGEST_WAIT) throw new RuntimeFailure('Wait state delay is too long.');
  return found.value;
}

function textOf(state: FailState, field: 'Error' | 'Cause', scope: Scope): string | undefined {
  const path = state[`${field}Path`];
  if (path === undefined) return state[field];
  const value = read(path, `${field}Path`, scope);
  if (typeof value === 'string') return value;
  // Unconfirmed: the literal cause.
  throw new RuntimeFailure(`The JSONPath '${path}' specified for the field '${field}Path' must reference a string`);
}
