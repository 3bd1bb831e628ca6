import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Ajv from 'ajv/dist/2020';
import fc from 'fast-check';
import { cursorOf } from '../../../functions/requestElevation/cursor';
import { keyOf } from '../../../functions/requestElevation/key';
import { LARGEST_PAGE, PAGE } from '../../../functions/requestElevation/list';
import {
  type AnsweredError,
  API_ERRORS,
  diagnosisSchema,
  ERROR_STATUS,
  elevationItemSchema,
  elevationNameSchema,
  elevationSchema,
  elevationsSchema,
  findingSchema,
  grantsSchema,
  problemSchema,
} from '../../../state-machine/api';
import { grantNameSchema, instanceIdSchema, requestBodySchema } from '../../../state-machine/document';
import { ROUTES } from '../../../state-machine/routes';
import { z } from '../../../state-machine/schema';
import { DOCUMENT, type Json, resolve, whole } from './contract';
import { anyRequest } from './fuzzing';

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];
const operations = Object.entries<Json>(DOCUMENT.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => item[method]).map((method) => ({
    ...{ method: method.toUpperCase(), path, operationId: item[method].operationId as string },
    item,
    operation: item[method],
  })),
);

/** Without the words that people wrote into it. */
function bare(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(bare);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $schema: _, ...rest } = schema;
  const isSchema = !('description' in rest) || typeof rest.description === 'string';
  return Object.fromEntries(
    Object.entries(rest)
      .filter(([key]) => !(isSchema && key === 'description'))
      .map(([key, value]) => [key, bare(value)]),
  );
}

test('docs/openapi.json is valid OpenAPI 3.1', () => {
  // An ES module, which jest would have to transform.
  const validator = 'node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js';
  const cwd = join(__dirname, '..', '..', '..');
  const { stdout } = spawnSync(process.execPath, [validator, 'docs/openapi.json'], { cwd, encoding: 'utf8' });
  expect(JSON.parse(stdout)).toEqual({ valid: true });
  expect(DOCUMENT.openapi).toMatch(/^3\.1\./);
});

test('it has the routes of the API, each with its parameters, and no other', () => {
  const said = operations.map(({ method, path, operationId }) => ({ method, path, operationId }));
  expect(said).toEqual(expect.arrayContaining([...ROUTES]));
  expect(said).toHaveLength(ROUTES.length);
  for (const { path, item } of operations) {
    const named = (item.parameters ?? []).map(resolve);
    expect(named.map(({ name }: Json) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    expect(named.every(({ in: where, required }: Json) => where === 'path' && required)).toBe(true);
  }
});

describe.each([
  ['RequestBody', requestBodySchema],
  ['ElevationItem', elevationItemSchema],
  ['Elevation', elevationSchema],
  ['Elevations', elevationsSchema],
  ['Grants', grantsSchema],
  ['Diagnosis', diagnosisSchema],
  ['Finding', findingSchema],
  ['Problem', problemSchema],
])('the schema %s', (name, schema) => {
  test('is the one that the function reads or answers by', () => {
    const published = DOCUMENT.components.schemas[name];
    // What zod's JSON Schema has no word for: a hold has no output. See 'takes what the function takes'.
    const { not: _, ...written } = whole(published);
    expect(bare(written)).toEqual(bare(z.toJSONSchema(schema as z.ZodMiniType, { io: 'input' })));
    expect(published.description).toBeTruthy();
  });
});

test('every operation has every error that it can answer with, by its name', () => {
  const ofAll = [400, 403, 404, 405, 413, 429, 500, 503];
  for (const { operation, method, operationId } of operations) {
    const statuses = Object.keys(operation.responses)
      .map(Number)
      .filter((status) => status >= 400);
    const expected = [
      ...ofAll,
      ...(method === 'POST' ? [415] : []),
      ...(operationId === 'startElevation' ? [409] : []),
    ];
    expect(statuses).toEqual(expected.sort());
    for (const status of statuses) {
      const { content, description, headers } = resolve(operation.responses[status]);
      expect(Object.keys(content)).toEqual(['application/problem+json']);
      for (const name of description.match(/\b[A-Z][a-z]+[A-Z]\w+(?=[:,])/g) ?? [])
        expect([name, ERROR_STATUS[name as keyof typeof ERROR_STATUS]]).toEqual([name, status]);
      expect([status, 'Retry-After' in headers]).toEqual([status, status === 429 || status === 503]);
      expect([status, 'Allow' in headers]).toEqual([status, status === 405]);
    }
  }
  const told = JSON.stringify(DOCUMENT);
  expect(Object.keys(ERROR_STATUS).filter((name) => !new RegExp(`${name}[:, ]`).test(told))).toEqual([]);
  expect(Object.keys(API_ERRORS).length).toBeGreaterThan(0);
});

test('every operation is signed, as API Gateway writes that', () => {
  expect(DOCUMENT.security).toEqual([{ sigv4: [] }]);
  expect(operations.filter(({ operation }) => operation.security)).toEqual([]);
  expect(DOCUMENT.components.securitySchemes.sigv4).toMatchObject({
    ...{ type: 'apiKey', name: 'Authorization', in: 'header', 'x-amazon-apigateway-authtype': 'awsSigv4' },
  });
});

/** Everything in the document that shows a value of a schema. */
function shown(at: Json, path = '#'): { path: string; schema: Json; value: Json }[] {
  if (typeof at !== 'object' || at === null) return [];
  const values: [string, Json][] = Object.entries<Json>(at.schema ? (at.examples ?? {}) : {}).map(
    ([name, { value }]) => [name, value],
  );
  if (at.schema && 'example' in at) values.push(['example', at.example]);
  return [
    ...values.map(([name, value]) => ({ path: `${path}/${name}`, schema: at.schema, value })),
    ...Object.entries(at).flatMap(([key, one]) => (key === 'schema' ? [] : shown(one, `${path}/${key}`))),
  ];
}

describe('its examples', () => {
  const ajv = new Ajv({ strict: false });
  const examples = shown(DOCUMENT);

  test.each(examples)('$path is what its schema says', ({ schema, value }) => {
    const validate = ajv.compile(whole(schema, true));
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
  });

  test('are there for every answer, and problems have the status and a name that the answer has', () => {
    const answers = [...operations.flatMap(({ operation }) => Object.entries<Json>(operation.responses))];
    for (const [status, answer] of answers) {
      const { description, content } = resolve(answer);
      const [[type, { examples: all = {} }]] = Object.entries<Json>(content) as [[string, Json]];
      expect([description, Object.keys(all)]).toEqual([description, expect.arrayContaining([expect.any(String)])]);
      if (type !== 'application/problem+json') continue;
      for (const { value } of Object.values<Json>(all)) {
        expect([value.title, value.status, ERROR_STATUS[value.title as AnsweredError]]).toEqual([
          value.title,
          Number(status),
          Number(status),
        ]);
        expect(description).toContain(value.title);
        expect(value.type.endsWith(`#${value.title.toLowerCase()}`)).toBe(true);
      }
    }
  });
});

test('the patterns of its parameters are those that the function goes by', () => {
  const { grant, instanceId, name, status, limit, next, idempotencyKey } = DOCUMENT.components.parameters;
  const pattern = (schema: z.ZodMiniType) => z.toJSONSchema(schema).pattern;
  expect(grant.schema.pattern).toBe(pattern(grantNameSchema));
  expect(instanceId.schema.pattern).toBe(pattern(instanceIdSchema));
  expect(name.schema.pattern).toBe(pattern(elevationNameSchema));
  expect(status.schema.enum).toEqual(Object.keys(elevationItemSchema.shape.status.def.entries));
  expect([limit.schema.minimum, limit.schema.maximum, limit.schema.default]).toEqual([1, LARGEST_PAGE, PAGE]);
  expect(cursorOf('+/=?é'.repeat(99), { instanceId: undefined, status: undefined })).toMatch(
    new RegExp(next.schema.pattern),
  );
  const key = new RegExp(idempotencyKey.schema.pattern);
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('"', '\\', 'a', ' ', '~', '!'), maxLength: 8 }),
    fc.constantFrom('x'.repeat(255), 'x'.repeat(256), `"${'x'.repeat(255)}"`, `"${'x'.repeat(256)}"`),
  );
  fc.assert(
    fc.property(text, (value) => {
      const { wrong } = keyOf({ header: () => [value] } as never, 0);
      expect([value, key.test(value)]).toEqual([value, wrong.length === 0]);
    }),
    { numRuns: 1_000 },
  );
});

test('its RequestBody takes what the function takes, and nothing else', () => {
  const validate = new Ajv({ strict: false }).compile(whole(DOCUMENT.components.schemas.RequestBody));
  const held = { work: { hold: {} }, output: { s3: 's3://bucket' } };
  const both = (body: unknown) => [JSON.stringify(body), validate(body), requestBodySchema.safeParse(body).success];
  for (const body of [held, { ...held, work: { shell: ['x'] } }, { work: held.work }, { ...held, output: { s3: 1 } }])
    expect(both(body)).toEqual([JSON.stringify(body), validate(body), validate(body)]);
  expect([validate(held), validate({ work: held.work })]).toEqual([false, true]);
  fc.assert(
    fc.property(anyRequest, (body) => both(body)[1] === both(body)[2]),
    { numRuns: 1_000 },
  );
});
