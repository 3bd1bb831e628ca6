import type { Execution } from './execution';
import { lambdaFunctions } from './functions';
import { interpret } from './interpreter';
import type { Store } from './store';

/** Files an execution under its ARN, and has it interpreted from where it is. */
export function run(store: Store, execution: Execution): void {
  const { world } = store;
  store.executions.set(execution.arn, execution);
  const random = () => Number.parseInt(world.ids.hex(8), 16) / 0x1_0000_0000;
  const entered = (state: string) => world.states.onEntered?.(execution.arn, state);
  const { tokens } = store;
  const { assumptions } = world;
  void interpret(execution, { functions: lambdaFunctions(world), tokens, random, assumptions, entered });
}
