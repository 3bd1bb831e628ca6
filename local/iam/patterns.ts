/** The keys of one request, by lower-case name; multivalued ones as a list. */
export type Context = Pick<ReadonlyMap<string, string | string[]>, 'get'>;

/** `${key}`, `${key, 'default'}`, or a wildcard. */
const TOKEN = /\$\{([^}]*)\}|[*?]/g;
const VARIABLE = /^\s*([^,]*?)\s*(?:,\s*'(.*)')?\s*$/;

const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Of `${…}`: its value; undefined when the request has none (or several) and there is no default. */
function resolve(variable: string, context: Context): string | undefined {
  if (['*', '?', '$'].includes(variable)) return variable;
  const [, key = '', fallback] = VARIABLE.exec(variable) ?? [];
  const value = context.get(key.toLowerCase());
  return typeof value === 'string' ? value : fallback;
}

/**
 * A policy's text with its variables filled in, as the source of a regular expression. What a variable stands for is
 * literal, whatever it contains. Undefined: a variable has no value, and nothing equals that.
 */
export function patternOf(text: string, context: Context, wildcards = true): string | undefined {
  if (!/[*?$]/.test(text)) return literally(text);
  let source = '';
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [token, variable] = match;
    source += literally(text.slice(end, match.index));
    end = match.index + token.length;
    if (variable === undefined) {
      source += wildcards ? { '*': '.*', '?': '.' }[token] : literally(token);
    } else {
      const value = resolve(variable, context);
      if (value === undefined) return undefined;
      source += literally(value);
    }
  }
  return source + literally(text.slice(end));
}

/** Policies are asked again and again; more of them than any account has would be a leak. */
const MOST_COMPILED = 5_000;
const compiled = new Map<string, RegExp>();

function compile(source: string, flags: string): RegExp {
  const key = `${flags} ${source}`;
  const known = compiled.get(key);
  if (known) return known;
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  const made = new RegExp(`^(?:${source})$`, `su${flags}`);
  compiled.set(key, made);
  return made;
}

/** Does all of `text` match? `source` as `patternOf` returns it. */
export const fits = (source: string | undefined, text: string, flags = '') =>
  source !== undefined && compile(source, flags).test(text);

/** The first five colon-separated parts one by one, then the rest: a wildcard does not reach over a colon. */
export function fitsArn(source: string | undefined, arn: string): boolean {
  if (source === undefined) return false;
  const [wanted, actual] = [segments(source), segments(arn)];
  return wanted.length === 6 && actual.length === 6 && wanted.every((part, i) => fits(part, actual[i]!));
}

function segments(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(':')] : [])];
}
