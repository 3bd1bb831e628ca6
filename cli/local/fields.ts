import { nearest } from '../../state-machine/nearest';
import { z } from '../../state-machine/schema';

/** An object whose unknown fields are refused by name, each on a line of its own. */
export function fields<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape);
  const explain = (key: string) => {
    const meant = nearest(key, known);
    return `there is no field '${key}' here${meant ? `; did you mean '${meant}'?` : ` (there are: ${known.join(', ')})`}`;
  };
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? issue.keys.map(explain).join('\n') : undefined),
  });
}
