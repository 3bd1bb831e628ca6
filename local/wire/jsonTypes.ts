import type { NormalizedSchema } from '@smithy/core/schema';
import type { DocumentType } from '@smithy/types';
import { AwsError } from '../world';

/** What is wrong with a body; of what is neither an object nor a list AWS says nothing at all. */
export const unreadable = (message = '') => new AwsError('SerializationException', message);

/** AWS says so of lists and objects wherever something else belongs. */
function mismatch(value: unknown, ofScalar: string): AwsError {
  if (Array.isArray(value)) return unreadable('Start of list found where not expected');
  if (typeof value === 'object') return unreadable(value ? 'Start of structure or map found where not expected.' : '');
  return unreadable(ofScalar);
}

function conformScalar(schema: NormalizedSchema, value: unknown): DocumentType {
  const [type, wanted] = schema.isStringSchema()
    ? ['string', 'a String']
    : schema.isBooleanSchema()
      ? ['boolean', 'a Boolean']
      : ['number', 'an Integer'];
  const found = (typeof value === 'boolean' ? String(value) : typeof value).toUpperCase();
  if (typeof value !== type) throw mismatch(value, `${found}_VALUE can not be converted to ${wanted}`);
  // Recorded: fractions are cut off.
  return typeof value === 'number' ? Math.trunc(value) : (value as string | boolean);
}

/**
 * A JSON value by the model: unknown members are left out, null members are absent. The texts, and a missing one, were
 * recorded on Athena and Kinesis, whose front end is that of all JSON services. Unconfirmed: that null in a list or map
 * is refused; the words for booleans; `an Integer`, where Logs has a Long.
 * @throws AwsError SerializationException, for a value of another type
 */
export function conform(schema: NormalizedSchema, value: unknown): DocumentType {
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw mismatch(value, 'Expected list or null');
    return value.map((item) => conform(schema.getValueSchema(), item));
  }
  if (!schema.isMapSchema() && !schema.isStructSchema()) return conformScalar(schema, value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw mismatch(value, schema.isMapSchema() ? 'Expected map or null' : 'Expected null');
  }
  const given = new Map(Object.entries(value));
  const members: [string, NormalizedSchema][] = schema.isMapSchema()
    ? [...given.keys()].map((key) => [key, schema.getValueSchema()])
    : [...schema.structIterator()].filter(([name]) => (given.get(name) ?? null) !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, conform(member, given.get(name))]));
}
