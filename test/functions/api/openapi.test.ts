import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  API_ERRORS,
  diagnosisSchema,
  ERROR_STATUS,
  elevationItemSchema,
  elevationSchema,
  elevationsSchema,
  findingSchema,
  grantsSchema,
  problemSchema,
} from '../../../state-machine/api';
import { requestBodySchema } from '../../../state-machine/document';
import { ROUTES } from '../../../state-machine/routes';
import { z } from '../../../state-machine/schema';
import { DOCUMENT, type Json, resolve, whole } from './contract';

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
    expect(bare(whole(published))).toEqual(bare(z.toJSONSchema(schema as z.ZodMiniType, { io: 'input' })));
    expect(published.description).toBeTruthy();
  });
});

test('every operation has every error that it can answer with, by its name', () => {
  const ofAll = [400, 403, 404, 405, 429, 500, 503];
  for (const { operation, method, operationId } of operations) {
    const statuses = Object.keys(operation.responses)
      .map(Number)
      .filter((status) => status >= 400);
    const expected = [
      ...ofAll,
      ...(method === 'POST' ? [413, 415] : []),
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

test('its examples are requests', () => {
  const { examples } = DOCUMENT.paths[ROUTES[4].path].post.requestBody.content['application/json'];
  for (const { value } of Object.values<Json>(examples)) expect(requestBodySchema.safeParse(value).success).toBe(true);
});
