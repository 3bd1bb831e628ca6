import fc from 'fast-check';
import { requestSchema } from '../../../state-machine/document';
import { executionName } from '../../../state-machine/requester';
import { ROUTES } from '../../../state-machine/routes';
import { type Bare, bareFunction, CALLER, type Event, eventOf, INSTANCE, STARTS } from './bare';
import { expectAsDocumented } from './contract';

const often = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 24, arbitrary: usual }, { weight: 1, arbitrary: odd });

/** What breaks parsers, paths, logs and JSON. */
const NASTY = [
  ...[
    '',
    ' ',
    '.',
    '..',
    '/',
    '//',
    '%',
    '%2F',
    '%2e%2e',
    '%00',
    '\u0000',
    '\n',
    '\r\nX: y',
    '\ud800',
    '\ufeff',
    'é',
    '🙈',
  ],
  ...['"', '\\', '{}', '[]', 'null', '__proto__', 'constructor', 'toString', '${x}', '*', '?', '#', ';', '~0', 'ⅰ-0'],
  ...[
    '{proxy+}',
    'i-',
    `${INSTANCE} `,
    INSTANCE.toUpperCase(),
    'mi-0123456789abcdef0',
    'read/../others',
    'x'.repeat(300),
  ],
];
const nasty = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 40 }));
const mutated = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat({ max: text.length }), fc.nat({ max: 3 }), nasty)
    .map(([at, out, put]) => text.slice(0, at) + put + text.slice(at + out));

const grant = often(fc.constantFrom('read', 'others', 'no-hold'), fc.oneof(nasty, fc.constant('unknown')));
const instanceId = often(fc.constantFrom(INSTANCE, 'i-00000000'), nasty);
const name = often(fc.constantFrom('job-1', '0199a3c4-5d6e-7f80-9123-456789abcdef-0123456789abcdef'), nasty);

const path = fc
  .tuple(fc.constantFrom(...ROUTES.map((route) => route.path)), grant, instanceId, name)
  .map(([route, ...values]) =>
    ['{grant}', '{instanceId}', '{name}'].reduce((at, key, i) => at.replace(key, () => values[i]!), route as string),
  );
/** The route that matters most is asked most. */
const start = fc.tuple(grant, instanceId).map(([one, other]) => `/grants/${one}/instances/${other}/elevations`);
const anyPath = fc.oneof(
  { weight: 6, arbitrary: start },
  { weight: 3, arbitrary: path },
  { weight: 1, arbitrary: path.chain(mutated) },
  { weight: 1, arbitrary: nasty },
);

const words = often(fc.string({ maxLength: 30 }), nasty);
const work: fc.Arbitrary<unknown> = fc.oneof(
  fc.record({ shell: fc.array(words, { maxLength: 4 }) }),
  fc.record({ powershell: fc.array(words, { maxLength: 4 }) }),
  fc.record({
    s3Script: fc.record({ url: often(fc.constant('https://b.s3.amazonaws.com/x'), nasty), commandLine: words }),
  }),
  fc.record({
    script: fc.record(
      { document: often(fc.constant('AWS-RunShellScript'), nasty), parameters: fc.dictionary(words, fc.array(words)) },
      { requiredKeys: ['document'] },
    ),
  }),
  fc.constant({ hold: {} }),
  fc.jsonValue(),
);
const output = fc.oneof(
  fc.record({ s3: fc.constantFrom('s3://bucket', 's3://bucket/a/', 's3://bucket/../x', 's3://B') }),
  fc.record({ cloudWatchLogGroup: fc.constantFrom('/a/b', 'aws/x', 'é') }),
  fc.jsonValue(),
);
const request = fc.record(
  {
    work,
    durationMinutes: often<unknown>(fc.integer({ min: 1, max: 60 }), fc.jsonValue()),
    baseline: often<unknown>(fc.constantFrom('inherit', 'core'), fc.jsonValue()),
    waitForInstanceMinutes: often<unknown>(fc.integer({ min: 0, max: 1440 }), fc.jsonValue()),
    reason: often<unknown>(words, fc.jsonValue()),
  },
  { requiredKeys: ['work'] },
);
const strange = fc.record(
  {
    work,
    output,
    instanceId,
    grant,
    requester: fc.oneof(fc.constant({ ...CALLER, key: 'x' }), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const json = fc.oneof(
  { weight: 5, arbitrary: request },
  { weight: 1, arbitrary: strange },
  { weight: 1, arbitrary: fc.jsonValue() },
);
/** The value of a body, which may be anything. */
export const anyRequest = fc.oneof(
  json,
  fc.tuple(request, output).map(([asked, to]) => ({ ...asked, output: to })),
);
const text = anyRequest.map((value) => JSON.stringify(value));
const body = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: text.chain(mutated) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      nasty,
      fc.constant(null),
      fc.nat(3_000).map((depth) => '[{"a":'.repeat(depth)),
      fc.nat(16_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
      fc
        .constantFrom('__proto__', 'work', 'constructor')
        .map((name) => `{"work":{"shell":["x"]},"${name}":{"hold":{}}}`),
    ),
  },
);

const key = often(fc.constantFrom('job-1', '"job-1"', '0199a3c4-5d6e-7f80-9123-456789abcdef'), nasty);
const headers = fc.record(
  {
    'Content-Type': often<string[]>(
      fc.constantFrom(['application/json'], ['application/json; charset=utf-8']),
      fc.array(nasty),
    ),
    'Idempotency-Key': often(
      key.map((one) => [one]),
      fc.array(key),
    ),
    'idempotency-key': fc.constant([]),
  },
  { requiredKeys: ['Content-Type'] },
);
const query = often<Record<string, string[]> | null>(
  fc.constant(null),
  fc.dictionary(
    often(fc.constantFrom('limit', 'next', 'status'), nasty),
    fc.array(often(fc.constantFrom('1', 'RUNNING'), nasty)),
  ),
);

/** What is accepted. */
const sound: fc.Arbitrary<Event> = fc
  .record({
    work: fc.record({ shell: fc.array(fc.string(), { minLength: 1, maxLength: 4 }) }),
    durationMinutes: fc.integer({ min: 1, max: 60 }),
    reason: fc.string({ maxLength: 500 }),
  })
  .map((asked) => eventOf('POST', STARTS, { body: JSON.stringify(asked) }));

const odd: fc.Arbitrary<Event> = fc
  .tuple(
    often(fc.constantFrom('POST', 'POST', 'GET'), fc.oneof(nasty, fc.constantFrom('HEAD', 'PUT', 'DELETE', 'OPTIONS'))),
    anyPath,
    body,
    headers,
    query,
    fc.boolean(),
    often<object>(
      fc.constant({}),
      fc.record({ resource: nasty, pathParameters: fc.dictionary(words, nasty) }, { requiredKeys: [] }),
    ),
  )
  .map(([method, at, sent, given, asked, base64, otherwise]) => {
    const isBase64Encoded = base64 && sent !== null;
    return eventOf(method, at, {
      ...{ body: isBase64Encoded ? Buffer.from(sent).toString('base64') : sent, isBase64Encoded },
      ...{ multiValueHeaders: given, multiValueQueryStringParameters: asked },
      ...otherwise,
    });
  });

/** What API Gateway might send, and what it never would. */
export const anyEvent: fc.Arbitrary<Event> = fc.oneof({ weight: 1, arbitrary: sound }, { weight: 9, arbitrary: odd });

/** @throws whatever is not as promised */
export async function expectPromised(
  { answer, started }: Pick<Bare, 'answer' | 'started'>,
  event: Event,
): Promise<void> {
  const before = started.length;
  const given = await answer(event);
  if (given.status < 200 || given.status >= 500) throw new Error(`${given.status}: ${JSON.stringify(given.body)}`);
  expectAsDocumented(event.httpMethod, event.path, given);
  const runs = started.slice(before);
  if (runs.length !== (given.status === 202 ? 1 : 0)) throw new Error(`${given.status} and ${runs.length} runs`);
  for (const run of runs) {
    const input = requestSchema.parse(JSON.parse(run.input));
    const { instanceId: instance, grant: granted, requester } = input;
    if (JSON.stringify(input) !== run.input) throw new Error(`Not as the schema has it: ${run.input}`);
    if (event.path !== `/grants/${granted}/instances/${instance}/elevations`)
      throw new Error(`${event.path} started ${run.input}`);
    if (!requester || !('arn' in requester) || requester.arn !== CALLER.arn || requester.userId !== CALLER.userId)
      throw new Error(`Somebody else asked: ${run.input}`);
    if (granted === 'others' || (granted === 'no-hold' && 'hold' in input.work))
      throw new Error(`Not allowed: ${run.input}`);
    if (run.name !== executionName(requester)) throw new Error(`${run.name} is not its name`);
  }
}

/** Plays so many requests; what fails is told with the seed by which it fails again. @returns how many started something */
export async function play(numRuns: number, seed?: number): Promise<number> {
  let bare = bareFunction();
  let count = 0;
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(anyEvent, async (event) => {
      // Logs and starts of many would fill the memory.
      if (asked++ % 1_000 === 0) [count, bare] = [count + bare.started.length, bareFunction()];
      await expectPromised(bare, event);
    }),
    { numRuns, ...(seed !== undefined && { seed }) },
  );
  return count + bare.started.length;
}
