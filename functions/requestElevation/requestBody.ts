import { type RequestBody, requestBodySchema } from '../../state-machine/document';
import { readBody } from './body';
import type { Wrong } from './problem';
import type { Call } from './routing';

/** Fields of an execution's input that no body may have, and where they come from. */
const ELSEWHERE = new Map([
  ['instanceId', 'belongs into the path'],
  ['grant', 'belongs into the path'],
  ['requester', 'is whoever signs the request; nobody can set it'],
]);

type Issue = NonNullable<ReturnType<typeof requestBodySchema.safeParse>['error']>['issues'][number];

/**
 * Reads what is asked for, besides grant and instance.
 * @returns what is wrong with it, each field by a JSON pointer (RFC 6901)
 * @throws Refusal MediaTypeNotSupported, InputTooLarge
 */
export function readRequestBody(call: Call): { asked: RequestBody } | { wrong: Wrong[] } {
  const body = readBody(call);
  if ('wrong' in body) return body;
  const { success, data, error } = requestBodySchema.safeParse(body.value);
  return success ? { asked: data } : { wrong: error.issues.flatMap((issue) => wrongOf(issue)) };
}

function wrongOf(issue: Issue, above: PropertyKey[] = []): Wrong[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointerTo([...path, key]),
      detail: (path.length === 0 && ELSEWHERE.get(key)) || 'there is no such field',
    }));
  }
  const meant = issue.code === 'invalid_union' ? alternativeMeant(issue.errors as Issue[][]) : undefined;
  if (meant) return meant.flatMap((inner) => wrongOf(inner, path));
  return [{ pointer: pointerTo(path), detail: issue.message }];
}

/** Of several forms the one whose key is there: what is wrong in it says more than that none fits. */
function alternativeMeant(alternatives: Issue[][]): Issue[] | undefined {
  const [meant, ...others] = alternatives.filter((issues) =>
    issues.every(({ code, path }) => path.length > 0 && code !== 'unrecognized_keys'),
  );
  return others.length === 0 ? meant : undefined;
}

/** RFC 6901 */
export const pointerTo = (path: PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
