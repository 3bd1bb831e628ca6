import { StartExecution$, type StartExecutionInput, type StartExecutionOutput } from '@aws-sdk/client-sfn';
import { AwsError, operation } from '../../world';
import { Execution } from '../execution';
import { LARGEST_DATA } from '../failures';
import { run } from '../run';
import { checkArn, type Store, validation } from '../store';

/** White space, brackets, wildcards, special and control characters are not allowed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: AWS forbids them by name
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]{1,80}$/;

const SUPPORT = 'partial: no versions or aliases; traceHeader is ignored';

export const startExecution = (store: Store) =>
  operation<StartExecutionInput, StartExecutionOutput>('states', StartExecution$, SUPPORT, (call) => {
    const { world } = call;
    const machineArn = checkArn(call.input.stateMachineArn, 'stateMachineArn');
    const name = call.input.name ?? world.ids.uuid();
    if (!NAME.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
    const input = checkInput(call.input.input ?? '{}');
    call.authorize('states:StartExecution', machineArn);
    const machine = store.machine(machineArn);
    if (machine.deleting) throw store.beingDeleted(machineArn);
    const arn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const earlier = store.remembered(arn);
    if (earlier) {
      // Unconfirmed: whether inputs that differ in white space only are the same.
      const same = earlier.status === 'RUNNING' && earlier.input === input;
      if (!same) throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
      return { executionArn: arn, startDate: new Date(earlier.startedAt) };
    }
    const execution = new Execution(arn, name, machine, input, world.clock, (it) => store.changed(it));
    run(store, execution);
    return { executionArn: arn, startDate: new Date(execution.startedAt) };
  });

function checkInput(input: string): string {
  if (Buffer.byteLength(input) > LARGEST_DATA) {
    throw validation('input', '…', `have length less than or equal to ${LARGEST_DATA}`);
  }
  try {
    JSON.parse(input);
    return input;
  } catch (error) {
    const reason = input === '' ? 'Invalid execution input.' : (error as Error).message;
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`);
  }
}
