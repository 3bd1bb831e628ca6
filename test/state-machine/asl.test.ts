import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import validate from 'asl-validator';
import { nextLook } from '../../functions/common/poll';
import { ERROR_NAMES } from '../../state-machine/errors';
import {
  MACHINES,
  type Machine,
  type Retry,
  reachable,
  readMachine,
  type State,
  stateOf,
  targets,
  waitsForToken,
} from './definitions';

const definitions = MACHINES.map((name): [string, Machine] => [name, readMachine(name)]);
const elevation = readMachine('elevation');
const states = ({ States }: Machine) => Object.entries(States);

/** Names that Step Functions and Lambda themselves raise: aws-facts-2 12.3, and the documentation's list of States.*. */
const AWS_NAMES = [
  ...['States.ALL', 'States.Timeout', 'States.TaskFailed', 'States.HeartbeatTimeout', 'States.Permissions'],
  ...['Lambda.ClientExecutionTimeoutException', 'Lambda.ServiceException', 'Lambda.AWSLambdaException'],
  ...['Lambda.SdkClientException', 'Lambda.TooManyRequestsException', 'Lambda.Unknown'],
  ...['Sandbox.Timedout', 'Runtime.ExitError'],
];

/** asl-validator changes what it is given, and wants ARNs in the place of `${function}`. */
const validated = (definition: Machine) =>
  validate(
    JSON.parse(
      JSON.stringify(definition)
        .replaceAll('${partition}', 'aws')
        .replace(/\$\{(\w+)\}/g, 'arn:aws:lambda:us-east-1:123456789012:function:$1:1'),
    ),
  );

/** Every field that the definitions may use, by type: what is not here, neither the engine nor the tests know. */
const COMMON = ['Type', 'Comment', 'Next'];
const FIELDS: Record<State['Type'], string[]> = {
  Task: [...COMMON, 'Resource', 'TimeoutSeconds', 'TimeoutSecondsPath', 'Parameters', 'ResultPath', 'Retry', 'Catch'],
  Pass: [...COMMON, 'Parameters', 'Result', 'ResultPath'],
  Choice: ['Type', 'Comment', 'Choices', 'Default'],
  Wait: [...COMMON, 'SecondsPath'],
  Succeed: ['Type', 'Comment'],
  Fail: ['Type', 'Comment', 'ErrorPath', 'CausePath'],
};

const matched = ({ Retry = [], Catch = [] }: State) => [...Retry, ...Catch].map(({ ErrorEquals }) => ErrorEquals);

describe.each(definitions)('the %s machine', (_, definition) => {
  test('is valid ASL', () => {
    const { isValid, errorsText } = validated(definition);
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
  });

  test('names only states that exist, and reaches each of them', () => {
    for (const [, state] of states(definition))
      for (const next of targets(state)) expect(definition.States).toHaveProperty(next);
    expect([...reachable(definition, definition.StartAt)].sort()).toEqual(Object.keys(definition.States).sort());
  });

  test('matches only errors that somebody raises', () => {
    const known = [...AWS_NAMES, ...ERROR_NAMES];
    for (const [, state] of states(definition)) for (const name of matched(state).flat()) expect(known).toContain(name);
  });

  test('has States.ALL alone and last in every list', () => {
    for (const [, state] of states(definition)) {
      for (const group of [state.Retry ?? [], state.Catch ?? []]) {
        const all = group.findIndex(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
        if (all < 0) continue;
        expect(all).toBe(group.length - 1);
        expect(group[all]?.ErrorEquals).toEqual(['States.ALL']);
      }
    }
  });

  test('uses the fields that are known', () => {
    for (const [, state] of states(definition))
      expect(FIELDS[state.Type]).toEqual(expect.arrayContaining(Object.keys(state)));
  });

  test('gives every Choice a way for what it does not expect, and every state a comment', () => {
    for (const [, state] of states(definition)) {
      expect(state.Comment).toBeTruthy();
      if (state.Type === 'Choice') expect(state.Default).toBeTruthy();
    }
  });

  test('waits for each function longer than it can run, and catches all that it may throw', () => {
    for (const [, state] of states(definition)) {
      if (state.Type !== 'Task') continue;
      // What waits for a token waits for a person, and has its time from the document.
      if (!waitsForToken(state)) expect(state.TimeoutSeconds).toBeGreaterThan(60);
      expect(state.TimeoutSeconds ?? state.TimeoutSecondsPath).toBeDefined();
      expect(state.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
    }
  });

  test('tries Restore again for many hours', () => {
    const retriers = definition.States.Restore?.Retry ?? [];
    const retrier = retriers.at(-1);
    expect(retrier?.ErrorEquals).toEqual(['States.ALL']);
    // A recovery that is asked for something else than an elevation is not tried again.
    for (const other of retriers.slice(0, -1))
      expect(other).toMatchObject({ MaxAttempts: 0, ErrorEquals: ['RequestInvalid'] });
    // With full jitter each wait is half as long on average.
    expect(longest(retrier as Retry) / 2).toBeGreaterThan(10 * 3600);
  });
});

/** Sum of a retrier's waits in seconds, without jitter. */
function longest({
  IntervalSeconds,
  MaxAttempts,
  BackoffRate,
  MaxDelaySeconds = Number.POSITIVE_INFINITY,
}: Retry): number {
  let sum = 0;
  for (let n = 0; n < MaxAttempts; n += 1) sum += Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** n);
  return sum;
}

/** The end of a hold that nobody releases. */
const EXPIRED = { ErrorEquals: ['States.Timeout'], ResultPath: '$.hold', Next: 'Restore' };
const readsToken = ({ Parameters }: State) => JSON.stringify(Parameters ?? {}).includes('$$.Task');

test('the validator is awake', () => {
  const broken = readMachine('elevation');
  stateOf(broken, 'Begin').Next = 'Nowhere';
  expect(validated(broken).isValid).toBe(false);
});

describe('what was begun is undone', () => {
  const afterwards = [...reachable(elevation, 'CreateTempRole')];

  test('from CreateTempRole on no way ends without Restore', () => {
    const without = reachable(elevation, 'CreateTempRole', ['Restore']);
    for (const name of without) expect(['Succeed', 'Fail']).not.toContain(elevation.States[name]?.Type);
  });

  test('every Task from CreateTempRole on leads to Restore on every error', () => {
    const tasks = afterwards.filter((name) => elevation.States[name]?.Type === 'Task' && name !== 'Restore');
    expect(tasks).toEqual([
      'CreateTempRole',
      'SwapProfile',
      'WaitAssociated',
      'ProveIdentity',
      'Hold',
      'SendScript',
      'AwaitScript',
    ]);
    for (const name of tasks) {
      const others = elevation.States[name]?.Catch?.slice(0, -1) ?? [];
      expect(others).toEqual(name === 'Hold' ? [EXPIRED] : []);
      expect(elevation.States[name]?.Catch?.at(-1)).toEqual({
        ErrorEquals: ['States.ALL'],
        ResultPath: '$.error',
        Next: 'Restore',
      });
    }
  });

  test('a hold waits for one token, which its function is told and nobody else; its time is never tried again', () => {
    const holding = stateOf(elevation, 'Hold');
    expect(holding).toMatchObject({
      Resource: 'arn:${partition}:states:::lambda:invoke.waitForTaskToken',
      TimeoutSecondsPath: '$.proof.workSeconds',
      Parameters: { FunctionName: '${hold}', Payload: { 'token.$': '$$.Task.Token' } },
      Next: 'Restore',
    });
    expect(holding.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^States\./)]),
    );
    const told = definitions.flatMap(([, machine]) => states(machine)).filter(([, state]) => readsToken(state));
    expect(told.map(([name]) => name)).toEqual(['Hold']);
  });

  test('what a hold may lose to its retries is kept back from its time', () => {
    const attempts = stateOf(elevation, 'Hold').Retry?.map((retrier) => longest(retrier)) ?? [];
    // A function that answers at once; one that does not is looked at by functions/hold.
    expect(attempts.reduce((sum, seconds) => sum + seconds, 0)).toBeLessThanOrEqual(60);
  });

  test('nothing before CreateTempRole changes anything: only Refused can end it', () => {
    const before = reachable(elevation, elevation.StartAt, ['CreateTempRole']);
    const ends = [...before].filter((name) => targets(elevation.States[name] as State).length === 0);
    expect(ends).toEqual(['Refused']);
  });

  test('the command is sent by one state, which repeats only what did not run', () => {
    expect(elevation.States.SendScript?.Retry?.map(({ ErrorEquals }) => ErrorEquals)).toEqual([
      ['Lambda.TooManyRequestsException'],
    ]);
    const senders = states(elevation).filter(([, { Parameters }]) => Parameters?.purpose === 'send');
    expect(senders.map(([name]) => name)).toEqual(['SendScript']);
  });
});

describe('limits', () => {
  test('the machine outlasts patience, the longest grant, and half a day of restoring', () => {
    const patience = 1440 * 60;
    const grant = 720 * 60;
    const restoring = longest(elevation.States.Restore?.Retry?.[0] as Retry);
    expect(elevation.TimeoutSeconds).toBeGreaterThan(patience + grant + restoring);
  });

  test("a day's patience and a day's script stay far below 25,000 events", () => {
    // Task entered, scheduled, started, succeeded, exited; Choice entered, exited; Wait entered, exited.
    const eventsPerLoop = 9;
    let loops = 0;
    for (let seconds = 0; seconds < 86_400; loops += 1) seconds += nextLook(seconds * 1_000);
    expect(2 * loops * eventsPerLoop).toBeLessThan(10_000);
  });
});

describe('error names', () => {
  const sources = ['functions', 'state-machine/request.ts']
    .map((path) => join(__dirname, '..', '..', path))
    .flatMap((path) =>
      path.endsWith('.ts')
        ? [path]
        : readdirSync(path, { recursive: true, encoding: 'utf8' }).map((file) => join(path, file)),
    )
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const runbook = readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
  const definition = JSON.stringify(definitions);

  test.each(ERROR_NAMES)('%s is raised somewhere, and the runbook explains it', (name) => {
    const raised = sources.includes(`'${name}'`) || definition.includes(`"${name}"`);
    expect(raised).toBe(true);
    const [, means, see, act] =
      runbook.match(new RegExp(`^\\| \`${name}\` \\| (.+?) \\| (.+?) \\| (.+?) \\|$`, 'm')) ?? [];
    for (const cell of [means, see, act]) expect(cell?.length).toBeGreaterThan(5);
  });
});
