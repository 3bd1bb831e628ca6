import { Token } from 'aws-cdk-lib';
import { z } from '../state-machine/schema';

/** What StepUp compares or makes names of is known at synth: a token would be compared, and counted, as its placeholder. */
const LITERAL = 'must be literal text: a value that is known only when the stack is deployed cannot be checked';

/** Text of a form; the message of another shows the value. `instead`: what to write for a token. */
export const literal = (pattern: RegExp, form: string, instead: string) =>
  z.string().check(
    z.regex(pattern, {
      error: ({ input }) => (Token.isUnresolved(input) ? `${LITERAL}; ${instead}` : `'${input}' must be ${form}`),
    }),
  );
