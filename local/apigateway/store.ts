import type { ApiPart, ApiStage } from '../world';

export interface Api {
  id: string;
  rootId: string;
  /** By id: what the next deployment takes. */
  parts: Map<string, ApiPart>;
  deployments: Map<string, ReadonlyMap<string, ApiPart>>;
  stages: Map<string, ApiStage>;
}

/** By id. */
export type Store = Map<string, Api>;

/** @throws Error for an API that is not there: only a template can name one */
export function apiOf(store: Store, id: string): Api {
  const api = store.get(id);
  if (!api) throw new Error(`There is no REST API ${id}`);
  return api;
}
