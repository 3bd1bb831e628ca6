import { describe, expect, test } from '@jest/globals';
import {
  associationSchema,
  captureSchema,
  commandSchema,
  outcomeSchema,
  proofSchema,
  scriptSchema,
  swapSchema,
  tempRoleSchema,
} from '../../state-machine/document';
import { type Definition, read, type State, states, ways } from './definitions';

/**
 * A path that misses is States.Runtime, which nothing can catch. So every path that a state reads is proven to be there
 * whichever way the state was reached.
 */

/** The least and the fullest that each function may answer: what all of them have is certain. */
const ANSWERS: Record<string, { schema: { safeParse(value: unknown): { success: boolean } }; samples: object[] }> = {
  capture: {
    schema: captureSchema,
    samples: [
      { done: false, waitSeconds: 5, busy: '' },
      { done: true, instanceArn: '', associationId: null, original: null, durationMinutes: 1, timeoutParameter: null },
    ],
  },
  rehearsal: { schema: { safeParse: () => ({ success: true }) }, samples: [{ rehearsed: true, note: '' }] },
  tempRole: {
    schema: tempRoleSchema,
    samples: [{ retried: false, roleName: '', roleArn: '', roleId: '', profileArn: '', profileId: '', expires: '' }],
  },
  swap: {
    schema: swapSchema,
    samples: [
      { done: false, waitSeconds: 5, retried: false, busy: '', since: '' },
      { done: true, retried: false, associationId: '' },
    ],
  },
  association: {
    schema: associationSchema,
    samples: [
      { done: false, waitSeconds: 5, since: '' },
      { done: true, associationId: '' },
    ],
  },
  proof: {
    schema: proofSchema,
    samples: [
      { done: false, waitSeconds: 5, commandId: '', since: '' },
      { done: true, commandId: '' },
    ],
  },
  command: { schema: commandSchema, samples: [{ retried: false, commandId: '', sent: '' }] },
  script: {
    schema: scriptSchema,
    samples: [
      { done: false, waitSeconds: 5 },
      {
        ...{ done: true, status: 'Success', statusDetails: '', exitCode: 0, step: '', stdout: '', stderr: '' },
        ...{ truncated: false, stdoutUrl: '', stderrUrl: '' },
      },
    ],
  },
  outcome: {
    schema: outcomeSchema,
    samples: [false, true].map((done) => ({
      ...{ done, waitSeconds: 1, result: 'Pending', restored: 'pending', error: '', cause: '', notes: [], since: '' },
      tempRole: null,
    })),
  },
};

/** What a document certainly holds, e.g. `capture`, `capture.done`, `capture.waitSeconds:false` (when done is false). */
type Known = Set<string>;

/** What is there after a result was put at `path`: its common members, and those of the one that is not done. */
function certain(key: string): string[] {
  const samples = ANSWERS[key]?.samples ?? [];
  const common = Object.keys(samples[0] ?? {}).filter((member) => samples.every((sample) => member in sample));
  const waiting = samples
    .filter((sample) => 'done' in sample && sample.done === false)
    .flatMap((sample) => Object.keys(sample));
  return [key, ...common.map((member) => `${key}.${member}`), ...waiting.map((member) => `${key}.${member}:waiting`)];
}

/** What a state adds to the document on its way to `next`. */
function adds(state: State, next: string): string[] {
  const caught = state.Catch?.find((one) => one.Next === next && one.Next !== state.Next);
  if (caught) return caught.ResultPath ? withMembers(caught.ResultPath, ['Error', 'Cause']) : [];
  const key = state.ResultPath?.replace('$.', '');
  if (state.Type === 'Task' && key) return certain(key);
  if (state.Type === 'Pass') {
    const members = Object.keys(state.Parameters ?? (state.Result as object) ?? {}).map((member) =>
      member.replace(/\.\$$/, ''),
    );
    return key ? withMembers(`$.${key}`, members) : members;
  }
  return [];
}

const withMembers = (path: string, members: string[]) => {
  const key = path.replace('$.', '');
  return [key, ...members.map((member) => `${key}.${member}`)];
};

/** Goes every way until nothing new is lost: what is known in a state is what is known on all ways to it. */
function knownIn(definition: Definition): Map<string, Known> {
  const known = new Map<string, Known>([[definition.StartAt, new Set()]]);
  const queue = [definition.StartAt];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const state = definition.States[name] as State;
    for (const next of ways(state)) {
      const fresh = state.Type === 'Pass' && !state.ResultPath;
      const brought = new Set([...(fresh ? [] : (known.get(name) ?? [])), ...adds(state, next)]);
      const before = known.get(next);
      const merged = before ? new Set([...before].filter((path) => brought.has(path))) : brought;
      if (before && merged.size === before.size) continue;
      known.set(next, merged);
      queue.push(next);
    }
  }
  return known;
}

/** Every path into the document that a state reads. A Wait comes only after a Choice that saw `done: false`. */
function reads({ Type, Choices = [], SecondsPath, ErrorPath, CausePath, Parameters = {} }: State): string[] {
  const waits = SecondsPath ? [`${SecondsPath}:waiting`] : [];
  const parameters = Object.entries(Parameters)
    .filter(([key]) => key.endsWith('.$'))
    .map(([, path]) => String(path));
  const paths = [
    ...Choices.map(({ Variable }) => Variable),
    ...waits,
    ErrorPath,
    CausePath,
    ...(Type === 'Choice' ? [] : parameters),
  ];
  return paths.filter((path) => path?.startsWith('$.')).map((path) => (path as string).slice(2));
}

describe.each(['elevation', 'recovery'] as const)('the %s machine', (name) => {
  const definition = read(name);
  const known = knownIn(definition);

  test.each(states(definition))('%s reads nothing that might be missing', (stateName, state) => {
    for (const path of reads(state)) expect([...(known.get(stateName) ?? [])]).toContain(path);
  });

  test('reads of the context object only what is always there, and that whole', () => {
    const context = states(definition).flatMap(([, { Parameters = {} }]) =>
      Object.values(Parameters).filter((path) => String(path).startsWith('$$')),
    );
    expect([...new Set(context)].sort()).toEqual(['$$.Execution', '$$.State']);
  });
});

test.each(Object.entries(ANSWERS))(
  'the samples of $.%s are what its schema accepts, and nothing less',
  (_, { schema, samples }) => {
    for (const sample of samples) {
      expect(schema.safeParse(sample).success).toBe(true);
      if (!('rehearsed' in sample)) {
        for (const key of Object.keys(sample)) {
          const { [key]: _removed, ...less } = sample as Record<string, unknown>;
          expect(schema.safeParse(less).success).toBe(false);
        }
      }
    }
  },
);
