/**
 * Inputs and outputs by the SDK's own operation schemas, read from the server's side. The exports used here are public
 * but undocumented: every touch of them is in this file and in jsonTypes.ts, and the SDK's versions are pinned.
 */
import {
  JsonShapeDeserializer2,
  JsonShapeSerializer2,
  XmlShapeDeserializer,
  XmlShapeSerializer,
} from '@aws-sdk/core/protocols';
import { FromStringShapeDeserializer, ToStringShapeSerializer } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError, type Operation } from '../world';
import { conform } from './jsonTypes';
import { text, type WireRequest } from './message';

/** Timestamp formats of smithy: 5 is RFC 3339, 7 is epoch seconds. */
const XML = {
  timestampFormat: { useTrait: true, default: 5 as const },
  httpBindings: true,
  serviceNamespace: '',
  xmlNamespace: '',
};
const QUERY = { ...XML, httpBindings: false };
const JSON_RPC = { timestampFormat: { useTrait: false, default: 7 as const }, jsonName: false };

const input = (operation: Operation) => NormalizedSchema.of(operation.schema[4]);
const output = (operation: Operation) => NormalizedSchema.of(operation.schema[5]);

type Shape = Record<string, unknown>;

/** `Tags.member.1.Key=a` as nested maps. */
type Tree = string | Map<string, Tree>;

function grow(params: URLSearchParams): Map<string, Tree> {
  const root = new Map<string, Tree>();
  for (const [key, value] of params) {
    // `Tags.member.01` is `Tags.member.1` (aws-facts-2 0c).
    const path = key.split('.').map((step) => step.replace(/^0+(?=\d)/, ''));
    const leaf = path.pop() as string;
    let node = root;
    for (const step of path) {
      const next = node.get(step);
      const branch = next instanceof Map ? next : new Map<string, Tree>();
      node.set(step, branch);
      node = branch;
    }
    node.set(leaf, value);
  }
  return root;
}

function queryName(name: string, member: NormalizedSchema, ec2: boolean): string {
  const { ec2QueryName, xmlName = name } = member.getMergedTraits();
  if (!ec2) return String(xmlName);
  return String(ec2QueryName ?? xmlName).replace(/^./, (first) => first.toUpperCase());
}

const BOOLEAN = /^(true|false)$/i;

/** Unconfirmed: EC2's text, and that a boolean is refused that is neither true nor false. */
function malformed(name: string, value: unknown, ec2: boolean): AwsError {
  if (!ec2) return new AwsError('MalformedInput', `Malformed input: '${value}'`);
  return new AwsError('InvalidParameterValue', `Value (${value}) for parameter ${name} is invalid.`);
}

function readTree(schema: NormalizedSchema, tree: Tree, ec2: boolean): unknown {
  if (schema.isListSchema()) return readList(schema, tree, ec2);
  if (schema.isStructSchema()) return readStruct(schema, tree, ec2);
  const name = schema.getMemberName();
  if (typeof tree !== 'string') throw malformed(name, [...tree.keys()], ec2);
  // aws-facts-2 10.3: blanks, fractions and exponents are refused, leading zeros and a plus sign are not.
  if (schema.isNumericSchema() && !/^[+-]?\d+$/.test(tree)) throw malformed(name, tree, ec2);
  if (schema.isBooleanSchema() && !BOOLEAN.test(tree)) throw malformed(name, tree, ec2);
  return new FromStringShapeDeserializer(QUERY).read(schema, tree);
}

/** EC2 knows every parameter by name; IAM and STS ignore what they do not know. */
function readStruct(schema: NormalizedSchema, tree: Tree, ec2: boolean): Shape {
  if (typeof tree === 'string') throw malformed(schema.getMemberName(), tree, ec2);
  const shape: Shape = {};
  const unknown = new Set(tree.keys());
  for (const [name, member] of schema.structIterator()) {
    const key = queryName(name, member, ec2);
    unknown.delete(key);
    const value = tree.get(key);
    const read = value === undefined ? undefined : readTree(member, value, ec2);
    if (read !== undefined) shape[name] = read;
  }
  const [first] = unknown;
  if (ec2 && first) throw new AwsError('UnknownParameter', `The parameter ${first} is not recognized`);
  return shape;
}

/**
 * EC2's lists are flat (`Filter.1`), those of IAM and STS have a step between (`Tags.member.1`), without which there is
 * no list. Empty: `Tags=`.
 */
function readList(schema: NormalizedSchema, tree: Tree, ec2: boolean): unknown[] | undefined {
  const item = schema.getValueSchema();
  const name = queryName(schema.getMemberName(), schema, ec2);
  const flat = ec2 || schema.getMergedTraits().xmlFlattened;
  const items = flat || typeof tree === 'string' ? tree : tree.get(item.getMergedTraits().xmlName ?? 'member');
  if (items === undefined) return undefined;
  if (items === '') return [];
  if (typeof items === 'string') throw malformed(name, items, ec2);
  const inOrder = [...items].sort(([a], [b]) => Number(a) - Number(b));
  // Unconfirmed: which gap is too large.
  const wrong = inOrder.find(([place], index) => !(/^[1-9]\d*$/.test(place) && Number(place) - index < 1000));
  if (wrong) throw malformed(name, wrong[0], ec2);
  return inOrder.map(([, value]) => readTree(item, value, ec2));
}

export function inputFromQuery(operation: Operation, params: URLSearchParams): unknown {
  const schema = input(operation);
  if (schema.isUnitSchema()) return {};
  const ec2 = operation.service === 'ec2';
  const tree = grow(params);
  for (const name of ['Action', 'Version']) tree.delete(name);
  const dryRun = ec2 ? params.get('DryRun') : null;
  if (dryRun === null) return readStruct(schema, tree, ec2);
  // EC2 takes it on every operation, also where the model has none (aws-facts 1.1).
  if (!BOOLEAN.test(dryRun)) throw malformed('DryRun', dryRun, ec2);
  tree.delete('DryRun');
  return { ...readStruct(schema, tree, ec2), DryRun: dryRun.toLowerCase() === 'true' };
}

export async function inputFromJson(operation: Operation, body: object): Promise<unknown> {
  const schema = input(operation);
  return new JsonShapeDeserializer2(JSON_RPC).readObject(schema.getSchema(), conform(schema, body));
}

export function outputToJson(operation: Operation, value: unknown): Uint8Array {
  const schema = output(operation);
  if (schema.isUnitSchema()) return Buffer.from('{}');
  const serializer = new JsonShapeSerializer2(JSON_RPC);
  serializer.write(schema.getSchema(), value ?? {});
  return new Uint8Array(serializer.flush());
}

function structToXml(schema: NormalizedSchema, value: unknown, xmlNamespace = ''): string {
  const serializer = new XmlShapeSerializer({ ...XML, xmlNamespace });
  serializer.write(schema.getSchema(), value);
  return String(serializer.flush());
}

/** The elements inside the output's root, which every protocol names in its own way. Undefined: there is no output. */
export function outputToXmlElements(operation: Operation, value: unknown): string | undefined {
  const schema = output(operation);
  if (schema.isUnitSchema()) return undefined;
  return structToXml(schema, value ?? {}).replace(/^<[^>]*>|<\/[^<]*>$/g, '');
}

function fromText(member: NormalizedSchema, value: string): unknown {
  try {
    return new FromStringShapeDeserializer(XML).read(member, value);
  } catch {
    // A time that is none. S3 would keep Expires as it was sent.
    throw new AwsError('InvalidArgument', `Invalid Argument: '${value}'`);
  }
}

function fromDocument(member: NormalizedSchema, body: Uint8Array): unknown {
  const root = new RegExp(`^\\s*(<\\?xml[^>]*>)?\\s*<${member.getMergedTraits().xmlName ?? member.getName()}[\\s/>]`);
  try {
    if (root.test(text(body))) return new XmlShapeDeserializer(XML).read(member, body);
  } catch {
    // It has begun well, but it is no XML.
  }
  const message = 'The XML you provided was not well-formed or did not validate against our published schema';
  throw new AwsError('MalformedXML', message);
}

/** REST: members that are bound to headers, the query and the payload; labels come from the router. */
export function inputFromHttp(operation: Operation, request: WireRequest, labels: Shape): Shape {
  const query = new URLSearchParams(request.query);
  const shape: Shape = {};
  for (const [name, member] of input(operation).structIterator()) {
    const { httpHeader, httpQuery, httpPayload, httpPrefixHeaders } = member.getMergedTraits();
    const value = httpHeader ? request.headers[httpHeader.toLowerCase()] : httpQuery && query.get(httpQuery);
    if (typeof value === 'string') shape[name] = fromText(member, value);
    else if (httpPrefixHeaders) shape[name] = prefixed(request.headers, httpPrefixHeaders);
    else if (httpPayload && member.isBlobSchema()) shape[name] = request.body;
    else if (httpPayload && request.body.length > 0) shape[name] = fromDocument(member, request.body);
  }
  return { ...shape, ...labels };
}

/** A document that the model demands a checksum of, for which it has no members. */
export function leavesChecksumToHttp(operation: Operation): boolean {
  const members = Object.values(input(operation).getMemberSchemas());
  const isDocument = members.some((member) => member.getMergedTraits().httpPayload && member.isStructSchema());
  return isDocument && operation.schema[3]?.httpChecksum !== undefined;
}

function prefixed(headers: Record<string, string>, prefix: string): Record<string, string> {
  const start = prefix.toLowerCase();
  const matching = Object.entries(headers).filter(([name]) => name.startsWith(start));
  return Object.fromEntries(matching.map(([name, value]) => [name.slice(start.length), value]));
}

export interface HttpOutput {
  headers: Record<string, string>;
  payload?: Uint8Array;
  xml?: string;
}

export function outputToHttp(operation: Operation, value: Shape, xmlNamespace: string): HttpOutput {
  const headers: Record<string, string> = {};
  const unbound: Shape = {};
  let payload: Uint8Array | undefined;
  let xml: string | undefined;
  let hasXml = false;
  for (const [name, member] of output(operation).structIterator()) {
    const { httpHeader, httpPayload, httpPrefixHeaders } = member.getMergedTraits();
    const bound = httpHeader || httpPayload || httpPrefixHeaders;
    if (!bound) hasXml = true;
    if (value[name] === undefined) continue;
    if (httpHeader) headers[httpHeader.toLowerCase()] = headerText(member, value[name]);
    else if (httpPayload && member.isBlobSchema()) payload = value[name] as Uint8Array;
    else if (httpPayload) xml = structToXml(member, value[name], xmlNamespace);
    else if (httpPrefixHeaders)
      for (const [key, item] of Object.entries(value[name] as Shape)) headers[httpPrefixHeaders + key] = String(item);
    else unbound[name] = value[name];
  }
  if (hasXml) xml = structToXml(output(operation), unbound, xmlNamespace);
  return { headers, payload, xml };
}

function headerText(member: NormalizedSchema, value: unknown): string {
  const serializer = new ToStringShapeSerializer(XML);
  serializer.write(member, value);
  return serializer.flush();
}

/** The status of success, 200 but where the operation's HTTP binding says otherwise. */
export function successStatus(operation: Operation): number {
  return operation.schema[3]?.http?.[2] ?? 200;
}
