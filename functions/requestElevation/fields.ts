import { elevationNameSchema } from '../../state-machine/api';
import { grantNameSchema, instanceIdSchema } from '../../state-machine/document';
import type { z } from '../../state-machine/schema';
import { Refusal, type Wrong } from './problem';
import type { Call } from './routing';

const SCHEMAS: Record<string, z.ZodMiniType<string>> = {
  grant: grantNameSchema,
  instanceId: instanceIdSchema,
  name: elevationNameSchema,
};

const HYBRID_NODE = /^mi-[0-9a-f]{17}$/;

/**
 * What is wrong with the parameters in a path.
 * @throws Refusal NotAnEc2Instance for a hybrid node
 */
export function wrongParameters({ parameters }: Call): Wrong[] {
  const { instanceId } = parameters;
  if (instanceId !== undefined && HYBRID_NODE.test(instanceId)) {
    throw new Refusal(
      'NotAnEc2Instance',
      `${instanceId} is a hybrid node: it has a service role, no instance profile. Name an EC2 instance (i-...).`,
    );
  }
  return Object.entries(parameters).flatMap(([parameter, value]) => {
    const { error } = SCHEMAS[parameter]!.safeParse(value);
    return error ? [{ parameter, detail: error.issues.map(({ message }) => message).join(', ') }] : [];
  });
}

/** What is wrong with a query: unknown parameters, and those that are given twice. */
export const wrongQuery = ({ query }: Call, known: readonly string[] = []): Wrong[] =>
  Object.entries(query).flatMap(([parameter, values]): Wrong[] => {
    if (!known.includes(parameter)) {
      const possible = known.length > 0 ? `there are ${known.join(', ')}` : 'this route has none';
      return [{ parameter, detail: `unknown parameter: ${possible}` }];
    }
    return values.length === 1 ? [] : [{ parameter, detail: 'give one value' }];
  });
