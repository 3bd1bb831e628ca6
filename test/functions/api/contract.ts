import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import Ajv from 'ajv/dist/2020';
import { ROUTES } from '../../../state-machine/routes';
import type { Answer } from '../../support/api';

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
export type Json = any;

export const DOCUMENT: Json = JSON.parse(
  readFileSync(join(__dirname, '..', '..', '..', 'docs', 'openapi.json'), 'utf8'),
);

/** What a reference of the document stands for. */
export function resolve(value: Json): Json {
  if (!value?.$ref) return value;
  return resolve(
    value.$ref
      .slice(2)
      .split('/')
      .reduce((at: Json, part: string) => at[part], DOCUMENT),
  );
}

/** The same schema with every reference in its place; `strict`: nothing may be there that it does not name. */
export function whole(schema: Json, strict = false): Json {
  if (Array.isArray(schema)) return schema.map((one) => whole(one, strict));
  if (typeof schema !== 'object' || schema === null) return schema;
  const found = resolve(schema);
  const named = strict && found.type === 'object' && found.properties && { additionalProperties: false };
  return { ...Object.fromEntries(Object.entries(found).map(([key, value]) => [key, whole(value, strict)])), ...named };
}

const ajv = new Ajv({ strict: false, allErrors: true });
const validators = new Map<string, ReturnType<typeof ajv.compile>>();

const valid = (schema: Json, value: unknown): boolean => ajv.validate(schema, value);

function validatorOf(name: string) {
  const known = validators.get(name) ?? ajv.compile(whole(DOCUMENT.components.schemas[name], true));
  validators.set(name, known);
  return known;
}

const patterns = ROUTES.map((route) => ({
  ...route,
  pattern: new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`),
}));

/** What the document says of an operation's answers, by status. */
const responsesOf = ({ method, path }: { method: string; path: string }): Record<string, Json> =>
  DOCUMENT.paths[path][method.toLowerCase()].responses;

/** Expects an answer to be one that the document has for this request; where it knows no such request, a problem. */
export function expectAsDocumented(method: string, path: string, { status, headers, body }: Answer): void {
  const [below = ''] = path.split('?');
  const route = patterns.find((one) => one.method === method && one.pattern.test(below));
  const type = String(headers['content-type']);
  const said = route && resolve(responsesOf(route)[status]);
  if (route) expect([status, Object.keys(said?.content ?? {})]).toEqual([status, [type]]);
  else expect(type).toBe('application/problem+json');
  const schema = said?.content[type].schema.$ref.split('/').at(-1) ?? 'Problem';
  const validate = validatorOf(schema);
  validate(body);
  expect(validate.errors ?? []).toEqual([]);
  if (schema === 'Problem') expect(body.status).toBe(status);
  for (const [name, header] of Object.entries<Json>(said?.headers ?? {})) {
    const value = headers[name.toLowerCase()];
    const { required, schema: form } = resolve(header);
    if (required) expect([name, value]).toEqual([name, expect.any(String)]);
    if (value !== undefined)
      expect([name, valid(form, form.type === 'integer' ? Number(value) : value)]).toEqual([name, true]);
  }
}
