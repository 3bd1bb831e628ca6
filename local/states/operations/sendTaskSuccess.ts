import { SendTaskSuccess$, type SendTaskSuccessInput, type SendTaskSuccessOutput } from '@aws-sdk/client-sfn';
import { AwsError, operation, type Violation, validationMessage } from '../../world';
import { LARGEST_DATA } from '../failures';
import type { Store } from '../store';

const LONGEST_TOKEN = 2_048;

export const sendTaskSuccess = (store: Store) =>
  operation<SendTaskSuccessInput, SendTaskSuccessOutput>('states', SendTaskSuccess$, 'full', (call) => {
    const { taskToken = '', output = '' } = call.input;
    const violations = violationsIn(call.input);
    if (violations.length > 0) throw new AwsError('ValidationException', validationMessage(violations));
    // A token names its task, which IAM does not know: the action has no resource types.
    call.authorize('states:SendTaskSuccess');
    store.tokens.succeed(taskToken, parse(output));
    return {};
  });

function violationsIn({ taskToken: token, output }: SendTaskSuccessInput): Violation[] {
  const violations: Violation[] = [];
  if (token === undefined) violations.push(['taskToken', undefined, 'not be null']);
  if (token === '') violations.push(['taskToken', '', 'have length greater than or equal to 1']);
  if ((token?.length ?? 0) > LONGEST_TOKEN) {
    violations.push(['taskToken', '…', `have length less than or equal to ${LONGEST_TOKEN}`]);
  }
  if (output === undefined) violations.push(['output', undefined, 'not be null']);
  if (Buffer.byteLength(output ?? '') > LARGEST_DATA) {
    violations.push(['output', '…', `have length less than or equal to ${LARGEST_DATA}`]);
  }
  return violations;
}

function parse(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch (error) {
    // Unconfirmed: the message.
    throw new AwsError('InvalidOutput', `Invalid Output: '${(error as Error).message}'`);
  }
}
