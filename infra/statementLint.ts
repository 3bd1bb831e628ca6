import type { Statement } from '../state-machine/catalogue';
import { nearest } from '../state-machine/nearest';
import { listOf, withoutVariables } from '../state-machine/patterns';
import { actionFault } from './iamActions';

const COMPARISONS = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];

/** Null stands alone; every other takes `ForAllValues:` or `ForAnyValue:` before it, and `IfExists` behind it. */
const OPERATORS = [
  ...['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'].map((it) => `String${it}`),
  ...['Numeric', 'Date'].flatMap((type) => COMPARISONS.map((it) => `${type}${it}`)),
  ...['Equals', 'NotEquals', 'Like', 'NotLike'].map((it) => `Arn${it}`),
  ...['Bool', 'BinaryEquals', 'IpAddress', 'NotIpAddress', 'Null'],
];

/** What IAM would refuse in a statement of any policy, or what would mean nothing. The field first, if it is of one. */
export const statementFaults = (statement: Statement): string[] => [
  ...sidFaults(statement),
  ...oneOf(statement, 'Action', 'NotAction'),
  ...oneOf(statement, 'Resource', 'NotResource'),
  ...faultsOf(statement, 'Action', actionFault),
  ...faultsOf(statement, 'NotAction', actionFault),
  ...faultsOf(statement, 'Resource', resourceFault),
  ...faultsOf(statement, 'NotResource', resourceFault),
  ...conditionFaults(statement),
];

type Field = 'Action' | 'NotAction' | 'Resource' | 'NotResource';

function sidFaults({ Sid }: Statement): string[] {
  if (Sid === undefined || /^[A-Za-z0-9]+$/.test(Sid)) return [];
  return [`.Sid: '${Sid}' must be letters A to Z and digits; or leave it out`];
}

function oneOf(statement: Statement, one: Field, other: Field): string[] {
  const [given, ...more] = [one, other].filter((field) => statement[field] !== undefined);
  if (!given || more.length > 0) return [`: either ${one} or ${other}`];
  return listOf(statement[given as Field]).length > 0 ? [] : [`.${given}: is empty; name at least one`];
}

const faultsOf = (statement: Statement, field: Field, faultOf: (value: string) => string | undefined): string[] =>
  listOf(statement[field]).flatMap((value) => {
    const fault = faultOf(value);
    return fault ? [`.${field}: ${fault}`] : [];
  });

/** IAM takes wildcards in the partition and behind the service, but no fewer parts. */
function resourceFault(resource: string): string | undefined {
  if (resource === '*') return undefined;
  const [arn, partition, service, , , ...rest] = withoutVariables(resource).split(':');
  if (arn !== 'arn' || !partition || !service || rest.join(':') === '')
    return `'${resource}' is no ARN; write '*', or all six parts of arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, of which REGION and ACCOUNT may be empty`;
  return /[*?]/.test(service) ? `'${resource}' has a wildcard in its service; name each service` : undefined;
}

const conditionFaults = ({ Condition = {} }: Statement): string[] =>
  Object.entries(Condition).flatMap(([operator, keys]) => [
    ...(isOperator(operator) ? [] : [`.Condition: ${unknownOperator(operator)}`]),
    ...Object.keys(keys)
      .filter((key) => !key.includes(':'))
      .map((key) => `.Condition.${operator}: '${key}' is no key; it begins with a service, as aws:SourceIp does`),
  ]);

function isOperator(text: string): boolean {
  const base = text.replace(/^(ForAllValues|ForAnyValue):/, '').replace(/IfExists$/, '');
  return OPERATORS.includes(base) && (base !== 'Null' || text === 'Null');
}

function unknownOperator(text: string): string {
  const [, before = '', base = '', behind = ''] = /^([^:]*:)?(.*?)(IfExists)?$/i.exec(text) ?? [];
  const near = nearest(base, OPERATORS);
  const meant = near === 'Null' ? near : `${before}${near}${behind}`;
  const hint = near && isOperator(meant) ? `; did you mean '${meant}'?` : `. There is: ${OPERATORS.join(', ')}.`;
  return `IAM has no operator '${text}'${hint}`;
}

/** What IAM takes in a policy is U+0009, U+000A, U+000D and U+0020 to U+00FF: aws-facts-2 15.5. */
const NOT_IAMS = /[^\t\n\r\u0020-\u00ff]/u;

/** Every text in a value that has a character which IAM refuses in a policy, keys included. */
export const characterFaults = (value: unknown): string[] =>
  [...new Set(textsIn(value))].flatMap((text) => {
    const [found] = NOT_IAMS.exec(text) ?? [];
    if (found === undefined) return [];
    const code = (found.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
    return [`: '${text}' has the character U+${code}, which IAM refuses; use those up to U+00FF`];
  });

/** All keys and texts, however deep. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [...(Array.isArray(value) ? [] : [key]), ...textsIn(item)]);
}
