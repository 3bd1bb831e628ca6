import type { StatesPort, World } from '../world';
import { load } from './load';
import { describeExecution } from './operations/describeExecution';
import { describeStateMachine } from './operations/describeStateMachine';
import { getExecutionHistory } from './operations/getExecutionHistory';
import { listExecutions } from './operations/listExecutions';
import { listStateMachines } from './operations/listStateMachines';
import { redriveExecution } from './operations/redriveExecution';
import { sendTaskSuccess } from './operations/sendTaskSuccess';
import { startExecution } from './operations/startExecution';
import { stopExecution } from './operations/stopExecution';
import { Store } from './store';

/** Step Functions: Standard workflows in JSONPath, as far as load.ts lets them through. */
export function createStates(world: World): StatesPort {
  const store = new Store(world);
  return {
    operations: [
      startExecution(store),
      describeExecution(store),
      listExecutions(store),
      getExecutionHistory(store),
      stopExecution(store),
      redriveExecution(store),
      sendTaskSuccess(store),
      listStateMachines(store),
      describeStateMachine(store),
    ],
    putStateMachine: ({ name, arn, roleName, definition }) => {
      if (store.machines.get(arn)?.deleting) throw store.beingDeleted(arn);
      const roleArn = `arn:${world.partition}:iam::${world.account}:role/${roleName}`;
      const createdAt = store.machines.get(arn)?.createdAt ?? world.clock.now();
      store.machines.set(arn, { name, arn, roleName, roleArn, definition: load(definition), createdAt });
    },
    removeStateMachine: (arn) => store.removeMachine(arn),
    expire: (executionArn) => store.execution(executionArn).close('TIMED_OUT'),
    close: () => {
      for (const execution of store.executions.values()) execution.abandon();
    },
  };
}
