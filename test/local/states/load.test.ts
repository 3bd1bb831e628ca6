import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from '../../../local/states/load';
import { FUNCTION, machineOf, task, waiting } from './harness';

const pass = (fields: object) => machineOf({ Type: 'Pass', End: true, ...fields });
const choice = (rule: object) => machineOf({ Type: 'Choice', Choices: [{ ...rule, Next: 'S' }] });

describe('refused at load', () => {
  test.each<[string, object, RegExp]>([
    [
      'an unknown type',
      machineOf({ Type: 'Parallel', Branches: [], End: true }),
      /States\/S: the state type Parallel is not supported/,
    ],
    ['an unknown field', pass({ InputPath: '$' }), /InputPath is not supported/],
    ['JSONata', { ...pass({}), QueryLanguage: 'JSONata' }, /QueryLanguage/],
    ['JSONata in a state', pass({ QueryLanguage: 'JSONata' }), /QueryLanguage is not supported/],
    [
      'an intrinsic function',
      pass({ Parameters: { 'a.$': "States.Format('{}', $.a)" } }),
      /Parameters\/a\.\$: must be a reference path/,
    ],
    ['a JSONPath that is no reference path', pass({ Parameters: { 'a.$': '$.a[0]' } }), /reference path/],
    ['a filter', pass({ ResultPath: '$..a' }), /ResultPath/],
    ['a ResultPath into the context', pass({ ResultPath: '$$.State' }), /ResultPath/],
    [
      'another integration',
      machineOf(task({ Resource: 'arn:aws:states:::lambda:invoke', End: true })),
      /ARN of a Lambda function/,
    ],
    ['a callback without parameters', machineOf(waiting({ Parameters: undefined })), /needs exactly one of Parameters/],
    [
      'a callback with other parameters of Invoke',
      machineOf(waiting({ Parameters: { FunctionName: FUNCTION, Payload: {}, InvocationType: 'Event' } })),
      /InvocationType is not supported/,
    ],
    [
      'a callback of two timeouts',
      machineOf(waiting({ TimeoutSeconds: 1, TimeoutSecondsPath: '$.s' })),
      /has both TimeoutSeconds and TimeoutSecondsPath/,
    ],
    ['a timeout from the context', machineOf(waiting({ TimeoutSecondsPath: '$$.State' })), /a reference path into \$/],
    ['a heartbeat', machineOf(waiting({ HeartbeatSeconds: 5 })), /HeartbeatSeconds is not supported/],
    [
      'a path to the timeout of a function',
      machineOf(task({ TimeoutSecondsPath: '$.s', End: true })),
      /TimeoutSecondsPath is not supported/,
    ],
    ['Next and End', pass({ Next: 'S' }), /exactly one of Next, End/],
    ['a target that is not there', machineOf({ Type: 'Pass', Next: 'T' }), /there is no state T/],
    ['a start that is not there', { ...pass({}), StartAt: 'T' }, /there is no state T/],
    [
      'States.ALL with others',
      machineOf(task({ Retry: [{ ErrorEquals: ['States.ALL', 'A'] }], End: true })),
      /States.ALL must stand alone/,
    ],
    [
      'States.ALL not last',
      machineOf(task({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }], End: true })),
      /States.ALL/,
    ],
    [
      'a made-up States name',
      machineOf(task({ Catch: [{ ErrorEquals: ['States.Nope'], Next: 'S' }], End: true })),
      /error name/,
    ],
    [
      'a negative MaxAttempts',
      machineOf(task({ Retry: [{ ErrorEquals: ['A'], MaxAttempts: -1 }], End: true })),
      /MaxAttempts/,
    ],
    ['a rule with two comparisons', choice({ Variable: '$', IsPresent: true, StringEquals: 'a' }), /exactly one of/],
    ['an unknown comparison', choice({ Variable: '$', StringMatches: 'a*' }), /StringMatches|exactly one of/],
    ['a comparison of another type', choice({ Variable: '$', NumericEquals: '1' }), /NumericEquals: must be a number/],
    [
      'a timestamp to wait for',
      machineOf({ Type: 'Wait', Timestamp: '2026-01-01T00:00:00Z', End: true }),
      /exactly one of Seconds, SecondsPath/,
    ],
    ['Error and ErrorPath', machineOf({ Type: 'Fail', Error: 'A', ErrorPath: '$.e' }), /has both Error and ErrorPath/],
  ])('%s', (_name, definition, message) => {
    expect(() => load(definition as Record<string, unknown>)).toThrow(message);
  });
});

test.each(['elevation', 'recovery'])('the %s machine is interpreted', (name) => {
  const text = readFileSync(join(__dirname, `../../../state-machine/${name}.asl.json`), 'utf8');
  const definition = JSON.parse(text.replace(/"\$\{\w+\}"/g, JSON.stringify(FUNCTION)).replace('${partition}', 'aws'));
  expect(load(definition)).toEqual(definition);
});
