type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws Error for anything but lists of exact values and prefixes */
export function checkPattern(pattern: Fields, where: string): void {
  for (const [key, value] of Object.entries(pattern)) {
    const place = `${where}/${key}`;
    if (key.startsWith('$')) throw new Error(`Event pattern ${place}: ${key} is not supported`);
    if (isObject(value)) checkPattern(value, place);
    else if (Array.isArray(value) && value.length > 0) for (const matcher of value) checkMatcher(matcher, place);
    else throw new Error(`Event pattern ${place}: must be a list of values`);
  }
}

function checkMatcher(matcher: unknown, where: string): void {
  if (typeof matcher !== 'object' || matcher === null) return;
  const isPrefix = 'prefix' in matcher && typeof matcher.prefix === 'string' && Object.keys(matcher).length === 1;
  if (!isPrefix) throw new Error(`Event pattern ${where}: ${JSON.stringify(matcher)} is not supported`);
}

export function matches(pattern: Fields, event: Fields): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    const value = event[key];
    if (isObject(expected)) return isObject(value) && matches(expected, value);
    const values = Array.isArray(value) ? value : [value];
    return (expected as unknown[]).some((matcher) => values.some((one) => fits(matcher, one)));
  });
}

const fits = (matcher: unknown, value: unknown) =>
  isObject(matcher) ? typeof value === 'string' && value.startsWith(String(matcher.prefix)) : matcher === value;
