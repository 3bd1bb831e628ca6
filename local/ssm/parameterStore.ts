import type { Parameter } from '@aws-sdk/client-ssm';
import { AwsError, type World } from '../world';

interface StoredParameter {
  name: string;
  value: string;
  modified: number;
}

/** By name. Parameters of type String, each in its first version: the stack's. */
export type ParameterStore = Map<string, StoredParameter>;

/** Bytes of a value. AWS counts characters. */
const LARGEST = { Standard: 4_096, Advanced: 8_192, 'Intelligent-Tiering': 8_192 };

export type Tier = keyof typeof LARGEST;

/** @throws AwsError ParameterAlreadyExists, or ValidationException for what the tier has no room for */
export function putParameter(
  { clock }: World,
  store: ParameterStore,
  { name, value, tier = 'Standard' }: { name: string; value: string; tier?: Tier },
): void {
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name)) throw new AwsError('ValidationException', `Invalid parameter name: ${name}`);
  if (store.has(name)) throw new AwsError('ParameterAlreadyExists', `The parameter ${name} already exists.`);
  if (Buffer.byteLength(value) > LARGEST[tier]) {
    const text = `${tier} tier parameters support a maximum parameter value of ${LARGEST[tier]} characters.`;
    throw new AwsError('ValidationException', `${name}: ${text}`);
  }
  store.set(name, { name, value, modified: clock.now() });
}

/** A name that begins with a slash is not written with two in an ARN. */
export function parameterArn({ partition, region, account }: World, name: string): string {
  return `arn:${partition}:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
}

export function parameterView(world: World, { name, value, modified }: StoredParameter): Parameter {
  return {
    Name: name,
    Type: 'String',
    Value: value,
    Version: 1,
    LastModifiedDate: new Date(modified),
    ARN: parameterArn(world, name),
    DataType: 'text',
  };
}
