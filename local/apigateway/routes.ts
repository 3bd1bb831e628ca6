import type { ApiPart } from '../world';

type Parts = ReadonlyMap<string, ApiPart>;

export interface Route {
  resourceId: string;
  /** As the API has it: /pets/{petId} */
  resourcePath: string;
  /** Decoded. */
  pathParameters: Record<string, string>;
}

interface Child {
  id: string;
  pathPart: string;
}

const childrenOf = (parts: Parts, parent: string): Child[] =>
  [...parts].flatMap(([id, part]) =>
    part.kind === 'resource' && part.parentId === parent ? [{ id, pathPart: part.pathPart }] : [],
  );

/** A word, then {name}, then {name+}: the most specific first. */
const RANKS = [/^[^{]/, /^\{[^+]+\}$/, /^\{.+\+\}$/];
const rank = ({ pathPart }: Child) => RANKS.findIndex((pattern) => pattern.test(pathPart));

/**
 * The resource of a path, given as its segments, still encoded; undefined: there is none.
 * Unconfirmed: words are compared as they were sent, a slash at the end is a segment of its own, and where the more specific
 * child leads nowhere the less specific one is taken.
 */
export function routeOf(parts: Parts, rootId: string, segments: string[]): Route | undefined {
  const walk = (id: string, path: string, rest: string[], found: Record<string, string>): Route | undefined => {
    const [segment, ...others] = rest;
    if (segment === undefined) return { resourceId: id, resourcePath: path || '/', pathParameters: found };
    for (const child of childrenOf(parts, id).sort((a, b) => rank(a) - rank(b))) {
      const [, name, greedy] = /^\{([^+}]+)(\+?)\}$/.exec(child.pathPart) ?? [];
      if (!name && child.pathPart !== segment) continue;
      if (name && rest.join('') === '') continue;
      if (name && !greedy && segment === '') continue;
      const value = name && decodeURIComponent(greedy ? rest.join('/') : segment);
      const parameters = name ? { ...found, [name]: value as string } : found;
      const route = walk(child.id, `${path}/${child.pathPart}`, greedy ? [] : others, parameters);
      if (route) return route;
    }
    return undefined;
  };
  return walk(rootId, '', segments, {});
}

/**
 * The method's function: that of the request's own method, or of ANY; undefined: the resource has neither.
 * Unconfirmed: that ANY takes others than DELETE, GET, HEAD, OPTIONS, PATCH, POST and PUT, which are all that its guide names.
 */
export function methodOf(parts: Parts, resourceId: string, httpMethod: string) {
  const all = [...parts.values()].filter((part) => part.kind === 'method' && part.resourceId === resourceId);
  const methods = all as Extract<ApiPart, { kind: 'method' }>[];
  return methods.find((it) => it.httpMethod === httpMethod) ?? methods.find((it) => it.httpMethod === 'ANY');
}
