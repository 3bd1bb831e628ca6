import { expect } from '@jest/globals';
import { answers, type Chain, denied, type Last, refuses, TIME } from '../example';

const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:asker';
const EXECUTION = 'arn:aws:states:us-east-1:123456789012:execution:asker:first';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:ask';
const OUTPUT = '{"said":"yes"}';

/** Has a question put, and waits for who answers it. */
const DEFINITION = {
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: FUNCTION, Payload: { 'token.$': '$$.Task.Token' } },
      End: true,
    },
  },
};

interface Event {
  type: string;
  taskScheduledEventDetails?: { parameters: string };
}

const answer = (last: Last) => {
  const { events } = last('GetExecutionHistory') as { events: Event[] };
  const { parameters = '' } = events.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails ?? {};
  return { taskToken: JSON.parse(parameters).Payload.token, output: OUTPUT };
};

/** Step Functions: tasks that wait for their tokens. */
export const statesTokens: Chain = {
  service: 'states',
  seed: async ({ asRoot, lambda, states }) => {
    const trust = { Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: trust });
    await asRoot('iam', 'CreateRole', { RoleName: 'machine', AssumeRolePolicyDocument });
    states.putStateMachine({ name: 'asker', arn: MACHINE, definition: DEFINITION, roleName: 'machine' });
    lambda.invoke = async () => ({ payload: 'asked' });
  },
  examples: [
    answers(
      'StartExecution',
      { stateMachineArn: MACHINE, name: 'first', input: '{}' },
      { executionArn: EXECUTION, startDate: TIME },
    ),
    answers(
      'GetExecutionHistory',
      { executionArn: EXECUTION },
      {
        events: expect.arrayContaining([
          expect.objectContaining({
            type: 'TaskScheduled',
            taskScheduledEventDetails: expect.objectContaining({
              resourceType: 'lambda',
              resource: 'invoke.waitForTaskToken',
              region: 'us-east-1',
            }),
          }),
          expect.objectContaining({
            type: 'TaskSubmitted',
            taskSubmittedEventDetails: expect.objectContaining({
              output: `{"ExecutedVersion":"$LATEST","Payload":"asked","StatusCode":200}`,
            }),
          }),
        ]),
      },
      { until: ({ events }) => events.some(({ type }: Event) => type === 'TaskSubmitted') },
    ),
    refuses('SendTaskSuccess', { taskToken: 'mine', output: OUTPUT }, 'InvalidToken', "Invalid Token: 'Invalid token'"),
    refuses('SendTaskSuccess', (last) => ({ ...answer(last), output: 'yes' }), 'InvalidOutput'),
    answers('SendTaskSuccess', answer, {}),
    answers(
      'DescribeExecution',
      { executionArn: EXECUTION },
      expect.objectContaining({ status: 'SUCCEEDED', output: OUTPUT }),
      { until: ({ status }) => status !== 'RUNNING' },
    ),
    refuses('SendTaskSuccess', answer, 'TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'"),
    denied('states', 'SendTaskSuccess', { taskToken: 'mine', output: OUTPUT }),
  ],
};
