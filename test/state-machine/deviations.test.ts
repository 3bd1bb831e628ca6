import { describe, expect, test } from '@jest/globals';
import type { InvokeResult } from '../../local/world';
import { machineOf, statesWorld, task } from '../local/states/harness';
import { interpret } from '../support/secondOpinion';

/*
 * The embedded engine and aws-local-stepfunctions on the same state: rows of docs/local-aws.md, Other engines. A row that
 * changes with a new version there fails here.
 */

interface End {
  status: string;
  error?: string;
  output?: unknown;
}

const succeeded = (output: unknown): End => ({ status: 'SUCCEEDED', output });
const failed = (error: string): End => ({ status: 'FAILED', error });
const end = ({ status, error, output }: End): End => (status === 'FAILED' ? failed(error!) : succeeded(output));

const OTHERS = {
  Yes: { Type: 'Pass', Result: 'yes', End: true },
  No: { Type: 'Pass', Result: 'no', End: true },
};
const choice = (rule: object) => ({
  Type: 'Choice',
  Choices: [{ Variable: '$.v', ...rule, Next: 'Yes' }],
  Default: 'No',
});
const pass = (fields: object) => ({ Type: 'Pass', ...fields, End: true });
const catching = (...errors: string[]) => ({ Catch: [{ ErrorEquals: errors, Next: 'Yes' }], Next: 'No' });

/** Both engines on a machine whose first state is `state`, and whose function raises an error of the type. */
async function both(state: object, input: unknown, errorType?: string): Promise<{ ours: End; theirs: End }> {
  const definition = machineOf(state, OTHERS);
  const result: InvokeResult = errorType ? { functionError: { errorType, errorMessage: 'no' } } : { payload: {} };
  const theirs = await interpret(structuredClone(definition) as never, input, { invoke: async () => result });
  const handler = () => (errorType ? Object.assign(new Error('no'), { name: errorType }) : {});
  const ours = await statesWorld(definition, handler).run(input);
  return { ours: end({ ...ours, output: ours.output && JSON.parse(ours.output) }), theirs: end(theirs) };
}

describe('both, where moto differs', () => {
  test.each<[string, object, unknown, End]>([
    [
      'Catch on States.ALL catches no States.Runtime',
      task({ Parameters: { 'x.$': '$.none' }, ...catching('States.ALL') }),
      {},
      failed('States.Runtime'),
    ],
    ['a Choice reads what is not there', choice({ StringEquals: 'a' }), {}, failed('States.Runtime')],
    ['CausePath leads to a number', { Type: 'Fail', Error: 'E', CausePath: '$.c' }, { c: 5 }, failed('States.Runtime')],
  ])('%s', async (_title, state, input, expected) => {
    expect(await both(state, input)).toEqual({ ours: expected, theirs: expected });
  });
});

describe('where aws-local-stepfunctions differs', () => {
  const large = 'x'.repeat(200_000);
  test.each<[string, object, unknown, { ours: End; theirs: End }]>([
    [
      'a number is compared with a text',
      choice({ NumericGreaterThan: 3 }),
      { v: '4' },
      { ours: succeeded('no'), theirs: succeeded('yes') },
    ],
    ['IsPresent: false', choice({ IsPresent: false }), {}, { ours: succeeded('yes'), theirs: succeeded('no') }],
    [
      'ResultPath through a number',
      pass({ Result: 1, ResultPath: '$.a.b' }),
      { a: 1 },
      { ours: failed('States.ResultPathMatchFailure'), theirs: succeeded({ a: { b: 1 } }) },
    ],
    [
      'ResultPath $',
      pass({ Result: 1, ResultPath: '$' }),
      { a: 1 },
      { ours: succeeded(1), theirs: succeeded({ a: 1, $: 1 }) },
    ],
    [
      'ResultPath in brackets',
      pass({ Result: 1, ResultPath: "$['a b']" }),
      {},
      { ours: succeeded({ 'a b': 1 }), theirs: succeeded({ $: { 'a b': 1 } }) },
    ],
    ['Result: false', pass({ Result: false }), { a: 1 }, { ours: succeeded(false), theirs: succeeded({ a: 1 }) }],
    [
      'more than 256 KiB',
      pass({ Parameters: { 'x.$': '$', 'y.$': '$' } }),
      large,
      { ours: failed('States.DataLimitExceeded'), theirs: succeeded({ x: large, y: large }) },
    ],
  ])('%s', async (_title, state, input, expected) => {
    expect(await both(state, input)).toEqual(expected);
  });

  test('Catch on States.ALL catches States.DataLimitExceeded', async () => {
    const ends = await both(task(catching('States.ALL')), {}, 'States.DataLimitExceeded');
    expect(ends).toEqual({ ours: failed('States.DataLimitExceeded'), theirs: succeeded('yes') });
  });

  test('States.TaskFailed matches a function that says States.Timeout', async () => {
    const ends = await both(task(catching('States.TaskFailed')), {}, 'States.Timeout');
    expect(ends).toEqual({ ours: failed('States.Timeout'), theirs: succeeded('yes') });
  });
});
