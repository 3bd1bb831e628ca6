import { expect } from '@jest/globals';
import { answers, type Chain, denied, type Last, refuses, TIME } from '../example';

const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:greeter';
const NO_MACHINE = `${MACHINE}-2`;
const EXECUTION = 'arn:aws:states:us-east-1:123456789012:execution:greeter:first';
const NO_EXECUTION = `${EXECUTION}-2`;
const LONG = EXECUTION.replace(/first$/, 'long');

/** Greets at once, or waits for a day when it is asked to. */
const DEFINITION = {
  StartAt: 'Ask',
  States: {
    Ask: { Type: 'Choice', Choices: [{ Variable: '$.wait', BooleanEquals: true, Next: 'Wait' }], Default: 'Greet' },
    Wait: { Type: 'Wait', Seconds: 86_400, Next: 'Greet' },
    Greet: { Type: 'Pass', Result: { text: 'hello' }, ResultPath: '$.greeting', Next: 'Done' },
    Done: { Type: 'Succeed' },
  },
};
const INPUT = '{"wait":false}';
const OUTPUT = '{"wait":false,"greeting":{"text":"hello"}}';
const start = { stateMachineArn: MACHINE, name: 'first', input: INPUT };
const started = { executionArn: EXECUTION, startDate: TIME };

const noMachine = `State Machine Does Not Exist: '${NO_MACHINE}'`;
const noExecution = `Execution Does Not Exist: '${NO_EXECUTION}'`;
const notRedrivable = `Execution ${EXECUTION} invalid for redrive as: Execution is SUCCEEDED and cannot be redriven`;
const succeeded = {
  executionArn: EXECUTION,
  stateMachineArn: MACHINE,
  name: 'first',
  status: 'SUCCEEDED',
  startDate: TIME,
  stopDate: TIME,
  input: INPUT,
  inputDetails: { included: true },
  output: OUTPUT,
  outputDetails: { included: true },
  redriveCount: 0,
  redriveStatus: 'NOT_REDRIVABLE',
  redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
};
const listed = { stateMachineArn: MACHINE, startDate: TIME, stopDate: TIME, redriveCount: 0 };

const firstEvent = { timestamp: TIME, type: 'ExecutionStarted', id: 1, previousEventId: 0 };
const entered = (name: string) =>
  expect.objectContaining({ stateEnteredEventDetails: expect.objectContaining({ name }) });
const history = (maxResults: number) => (last: Last) => ({
  executionArn: EXECUTION,
  maxResults,
  nextToken: last('GetExecutionHistory')?.nextToken,
});

export const states: Chain = {
  service: 'states',
  seed: async ({ states: room }) => {
    room.putStateMachine({ name: 'greeter', arn: MACHINE, definition: DEFINITION, roleName: 'machine' });
  },
  examples: [
    answers(
      'ListStateMachines',
      {},
      {
        stateMachines: [{ stateMachineArn: MACHINE, name: 'greeter', type: 'STANDARD', creationDate: TIME }],
      },
    ),
    denied('states', 'ListStateMachines'),
    refuses('ListStateMachines', { nextToken: 'mine' }, 'InvalidToken', "Invalid Token: 'Invalid token'"),
    answers(
      'DescribeStateMachine',
      { stateMachineArn: MACHINE },
      {
        stateMachineArn: MACHINE,
        name: 'greeter',
        status: 'ACTIVE',
        definition: JSON.stringify(DEFINITION),
        roleArn: expect.stringMatching(/:role\/machine$/),
        type: 'STANDARD',
        creationDate: TIME,
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: { enabled: false },
      },
    ),
    refuses('DescribeStateMachine', { stateMachineArn: NO_MACHINE }, 'StateMachineDoesNotExist', noMachine),
    denied('states', 'DescribeStateMachine', { stateMachineArn: MACHINE }),
    denied('states', 'StartExecution', start),
    answers('StartExecution', start, started),
    refuses('StartExecution', { ...start, name: 'a b' }, 'InvalidName', "Invalid Name: 'a b'"),
    refuses('StartExecution', { ...start, input: '{' }, 'InvalidExecutionInput'),
    refuses('StartExecution', { stateMachineArn: NO_MACHINE }, 'StateMachineDoesNotExist', noMachine),
    answers('DescribeExecution', { executionArn: EXECUTION }, succeeded, {
      until: ({ status }) => status !== 'RUNNING',
    }),
    refuses('DescribeExecution', { executionArn: NO_EXECUTION }, 'ExecutionDoesNotExist', noExecution),
    refuses('DescribeExecution', { executionArn: 'first' }, 'InvalidArn', "Invalid Arn: 'Invalid ARN prefix: first'"),
    denied('states', 'DescribeExecution', { executionArn: EXECUTION }),
    refuses('StartExecution', start, 'ExecutionAlreadyExists', `Execution Already Exists: '${EXECUTION}'`),
    answers('GetExecutionHistory', history(1), {
      events: [expect.objectContaining(firstEvent)],
      nextToken: '(opaque)',
    }),
    answers('GetExecutionHistory', history(1000), {
      events: [
        entered('Ask'),
        expect.objectContaining({ type: 'ChoiceStateExited' }),
        entered('Greet'),
        expect.objectContaining({ type: 'PassStateExited' }),
        entered('Done'),
        expect.objectContaining({ type: 'SucceedStateExited' }),
        {
          timestamp: TIME,
          type: 'ExecutionSucceeded',
          id: 8,
          previousEventId: 7,
          executionSucceededEventDetails: { output: OUTPUT, outputDetails: { truncated: false } },
        },
      ],
    }),
    refuses('GetExecutionHistory', { executionArn: NO_EXECUTION }, 'ExecutionDoesNotExist', noExecution),
    denied('states', 'GetExecutionHistory', { executionArn: EXECUTION }),
    answers('StartExecution', { ...start, name: 'long', input: '{"wait":true}' }, { ...started, executionArn: LONG }),
    answers('StartExecution', { ...start, name: 'long', input: '{"wait":true}' }, { ...started, executionArn: LONG }),
    denied('states', 'StopExecution', { executionArn: LONG }),
    answers('StopExecution', { executionArn: LONG, error: 'Enough', cause: 'It is late.' }, { stopDate: TIME }),
    refuses('StopExecution', { executionArn: NO_EXECUTION }, 'ExecutionDoesNotExist', noExecution),
    answers(
      'DescribeExecution',
      { executionArn: LONG },
      {
        executionArn: LONG,
        stateMachineArn: MACHINE,
        name: 'long',
        status: 'ABORTED',
        startDate: TIME,
        stopDate: TIME,
        input: '{"wait":true}',
        inputDetails: { included: true },
        error: 'Enough',
        cause: 'It is late.',
        redriveCount: 0,
        redriveStatus: 'REDRIVABLE',
      },
    ),
    denied('states', 'RedriveExecution', { executionArn: LONG }),
    refuses('RedriveExecution', { executionArn: EXECUTION }, 'ExecutionNotRedrivable', notRedrivable),
    refuses('RedriveExecution', { executionArn: NO_EXECUTION }, 'ExecutionDoesNotExist', noExecution),
    answers('RedriveExecution', { executionArn: LONG, clientToken: 'again' }, { redriveDate: TIME }),
    answers(
      'DescribeExecution',
      { executionArn: LONG },
      {
        executionArn: LONG,
        stateMachineArn: MACHINE,
        name: 'long',
        status: 'RUNNING',
        startDate: TIME,
        input: '{"wait":true}',
        inputDetails: { included: true },
        redriveCount: 1,
        redriveDate: TIME,
        redriveStatus: 'NOT_REDRIVABLE',
        redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
      },
    ),
    answers('StopExecution', { executionArn: LONG }, { stopDate: TIME }),
    answers(
      'ListExecutions',
      { stateMachineArn: MACHINE },
      {
        executions: [
          { ...listed, executionArn: LONG, name: 'long', status: 'ABORTED', redriveCount: 1, redriveDate: TIME },
          { ...listed, executionArn: EXECUTION, name: 'first', status: 'SUCCEEDED' },
        ],
      },
    ),
    answers('ListExecutions', { stateMachineArn: MACHINE, statusFilter: 'RUNNING' }, { executions: [] }),
    refuses('ListExecutions', { stateMachineArn: NO_MACHINE }, 'StateMachineDoesNotExist', noMachine),
    denied('states', 'ListExecutions', { stateMachineArn: MACHINE }),
  ],
};
