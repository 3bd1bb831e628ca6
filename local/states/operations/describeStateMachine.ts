import {
  DescribeStateMachine$,
  type DescribeStateMachineInput,
  type DescribeStateMachineOutput,
} from '@aws-sdk/client-sfn';
import { operation } from '../../world';
import { checkArn, type Store } from '../store';

export const describeStateMachine = (store: Store) =>
  operation<DescribeStateMachineInput, DescribeStateMachineOutput>(
    'states',
    DescribeStateMachine$,
    'partial: includedData is ignored',
    (call) => {
      const arn = checkArn(call.input.stateMachineArn, 'stateMachineArn');
      call.authorize('states:DescribeStateMachine', arn);
      const { name, roleArn, definition, createdAt, deleting } = store.machine(arn);
      return {
        stateMachineArn: arn,
        name,
        status: deleting ? 'DELETING' : 'ACTIVE',
        definition: JSON.stringify(definition),
        roleArn,
        type: 'STANDARD',
        creationDate: new Date(createdAt),
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: { enabled: false },
      };
    },
  );
