import { type Definition, WAITS_FOR_TOKEN } from './asl';
import { COMPARISONS } from './choice';
import { isObject, isReferencePath } from './paths';

/** Throws unless a value is what it has to be. `states` are the names of the machine's states. */
type Check = (value: unknown, where: string, states: Set<string>) => void;

function must(condition: unknown, where: string, why: string): asserts condition {
  if (!condition) throw new Error(`State machine refused at ${where || '/'}: ${why}`);
}

/**
 * An object of known fields, so that none is silently ignored. Of every group in `oneOf` exactly one field is there,
 * of every group in `atMostOne` not two.
 */
function fields(known: Record<string, Check>, oneOf: string[][] = [], atMostOne: string[][] = []): Check {
  return (value, where, states) => {
    must(isObject(value), where, 'must be an object');
    const count = (names: string[]) => names.filter((name) => value[name] !== undefined).length;
    for (const names of oneOf) must(count(names) === 1, where, `needs exactly one of ${names.join(', ')}`);
    for (const names of atMostOne) must(count(names) < 2, where, `has both ${names.join(' and ')}`);
    for (const [name, field] of Object.entries(value)) {
      if (name === 'Comment') continue;
      must(Object.hasOwn(known, name), where, `${name} is not supported here`);
      known[name]!(field, `${where}/${name}`, states);
    }
  };
}

const listOf =
  (item: Check): Check =>
  (value, where, states) => {
    must(Array.isArray(value) && value.length > 0, where, 'must be a list that is not empty');
    for (const [index, one] of value.entries()) item(one, `${where}/${index}`, states);
  };

const test =
  (holds: (value: unknown) => unknown, expected: string): Check =>
  (value, where) =>
    must(holds(value), where, `must be ${expected}, not ${JSON.stringify(value)}`);

const is = (...values: unknown[]) => test((value) => values.includes(value), values.join(' or '));
const ofType = (type: string) => test((value) => typeof value === type, `a ${type}`);
/** 99,999,999 is the language's limit for intervals, timeouts and waits. */
const whole = (least: number, most = 99_999_999) =>
  test(
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    `a whole number from ${least} to ${most}`,
  );

const target: Check = (value, where, states) => must(states.has(String(value)), where, `there is no state ${value}`);
const path = test(isReferencePath, "a reference path like $, $.a.b, $['a'] or $$.Execution.Id");
const resultPath = test(
  (value) => value === null || (isReferencePath(value) && !value.startsWith('$$')),
  'null or a reference path into $',
);
const template: Check = (value, where, states) => {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const check = key.endsWith('.$') ? path : template;
    check(inner, `${where}/${key}`, states);
  }
};

const RESERVED = `ALL Timeout HeartbeatTimeout TaskFailed Permissions Runtime DataLimitExceeded ResultPathMatchFailure
  ParameterPathFailure BranchFailed NoChoiceMatched IntrinsicFailure`.split(/\s+/);
const errorName = test(
  (value) => typeof value === 'string' && (!value.startsWith('States.') || RESERVED.includes(value.slice(7))),
  'an error name, and if it begins with States. one of the language',
);

/** Retriers or catchers: States.ALL alone, in the last one. */
const handlersOf =
  (handler: Check): Check =>
  (value, where, states) => {
    listOf(handler)(value, where, states);
    for (const [index, { ErrorEquals: names }] of (value as { ErrorEquals: string[] }[]).entries()) {
      const isFine = !names.includes('States.ALL') || (names.length === 1 && index === (value as []).length - 1);
      must(isFine, `${where}/${index}`, 'States.ALL must stand alone, in the last place');
    }
  };

const retrier = fields(
  {
    ErrorEquals: listOf(errorName),
    IntervalSeconds: whole(1),
    MaxAttempts: whole(0),
    BackoffRate: test((value) => Number(value) >= 1, 'a number from 1'),
    MaxDelaySeconds: whole(1, 31_622_399),
    JitterStrategy: is('FULL', 'NONE'),
  },
  [['ErrorEquals']],
);
const catcher = fields({ ErrorEquals: listOf(errorName), ResultPath: resultPath, Next: target }, [
  ['ErrorEquals'],
  ['Next'],
]);

const comparisons = Object.fromEntries(
  Object.entries(COMPARISONS).map(([operator, { operand }]) => [operator, ofType(operand)]),
);
const comparison = fields({ Variable: path, ...comparisons }, [['Variable'], Object.keys(comparisons)]);
const rule: Check = (value, where, states) => {
  const isCombined = isObject(value) && !('Variable' in value);
  (isCombined ? combination : comparison)(value, where, states);
};
const combination = fields({ And: listOf(rule), Or: listOf(rule), Not: rule }, [['And', 'Or', 'Not']]);
const choice: Check = (value, where, states) => {
  must(isObject(value), where, 'must be an object');
  const { Next, Comment, ...condition } = value;
  target(Next, `${where}/Next`, states);
  rule(condition, where, states);
};

const step = { Type: ofType('string'), Next: target, End: is(true) };
const functionArn = test(
  (value) => /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(String(value)),
  'the ARN of a Lambda function',
);
const templated = { Parameters: template, ResultPath: resultPath };
const handlers = { Retry: handlersOf(retrier), Catch: handlersOf(catcher) };

const inputPath = test((value) => isReferencePath(value) && !value.startsWith('$$'), 'a reference path into $');
const functionTask = fields({ ...step, ...templated, ...handlers, Resource: functionArn, TimeoutSeconds: whole(1) }, [
  ['Resource'],
  ['Next', 'End'],
]);
/** A function that is told a token, and its answer awaited from whoever has that. */
const callbackTask = fields(
  {
    ...step,
    ...handlers,
    Resource: test((value) => /^arn:[\w-]+$/.test(String(value).replace(WAITS_FOR_TOKEN, '')), 'an integration'),
    Parameters: fields({ FunctionName: functionArn, Payload: template }, [['FunctionName'], ['Payload']]),
    ResultPath: resultPath,
    TimeoutSeconds: whole(1),
    TimeoutSecondsPath: inputPath,
  },
  [['Resource'], ['Parameters'], ['Next', 'End']],
  [['TimeoutSeconds', 'TimeoutSecondsPath']],
);

const STATES: Record<string, Check> = {
  Task: (value, where, names) => {
    const waits = isObject(value) && String(value.Resource).endsWith(WAITS_FOR_TOKEN);
    (waits ? callbackTask : functionTask)(value, where, names);
  },
  Choice: fields({ Type: step.Type, Choices: listOf(choice), Default: target }, [['Choices']]),
  Wait: fields({ ...step, Seconds: whole(0), SecondsPath: path }, [
    ['Seconds', 'SecondsPath'],
    ['Next', 'End'],
  ]),
  Pass: fields({ ...step, ...templated, Result: () => {} }, [['Next', 'End']]),
  Succeed: fields({ Type: step.Type }),
  Fail: fields(
    { Type: step.Type, Error: ofType('string'), ErrorPath: path, Cause: ofType('string'), CausePath: path },
    [],
    [
      ['Error', 'ErrorPath'],
      ['Cause', 'CausePath'],
    ],
  ),
};

const states: Check = (value, where, names) => {
  must(isObject(value), where, 'must be an object');
  for (const [name, state] of Object.entries(value)) {
    must(name.length <= 80, `${where}/${name}`, 'a name has at most 80 characters');
    const type = isObject(state) ? String(state.Type) : 'undefined';
    must(Object.hasOwn(STATES, type), `${where}/${name}`, `the state type ${type} is not supported`);
    STATES[type]!(state, `${where}/${name}`, names);
  }
};
const machine = fields(
  { StartAt: target, States: states, TimeoutSeconds: whole(1), QueryLanguage: is('JSONPath'), Version: is('1.0') },
  [['StartAt'], ['States']],
);

/**
 * Checks a definition and returns a copy.
 * @throws Error for what AWS refuses and for what this engine does not interpret
 */
export function load(source: Record<string, unknown>): Definition {
  const names = isObject(source.States) ? Object.keys(source.States) : [];
  machine(source, '', new Set(names));
  return structuredClone(source) as unknown as Definition;
}
