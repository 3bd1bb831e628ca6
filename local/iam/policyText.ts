/** What is wrong with a policy's text before anybody reads its statements, and how a principal is rewritten in it. */

/** A key with its colon, another string, or a brace of a valid JSON text. */
const TOKEN = /("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g;

/** Does an object of this valid JSON have a key twice? JSON.parse would keep the last one in silence. */
export function repeatsKey(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, key] of json.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (key !== undefined) {
      const keys = open[open.length - 1]!;
      if (keys.has(JSON.parse(key))) return true;
      keys.add(JSON.parse(key));
    }
  }
  return false;
}

/** A trust policy with other names for its AWS principals; as it was where none has another. */
export function withPrincipals(json: string, rename: (principal: string) => string): string {
  const renamed = (value: string | string[]) => (Array.isArray(value) ? value.map(rename) : rename(value));
  const changed = JSON.stringify(
    JSON.parse(json, (key, value) =>
      key === 'Principal' && value.AWS ? { ...value, AWS: renamed(value.AWS) } : value,
    ),
  );
  return changed === JSON.stringify(JSON.parse(json)) ? json : changed;
}
