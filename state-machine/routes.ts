/**
 * The API's routes, below its stage. The fixed part of a path comes first, so that a policy on execute-api:Invoke needs
 * wildcards at its end only: `.../POST/grants/GRANT/instances/*`.
 */
export const ROUTES = [
  { method: 'GET', path: '/elevations', operationId: 'listElevations' },
  { method: 'GET', path: '/grants', operationId: 'listGrants' },
  { method: 'GET', path: '/instances/{instanceId}', operationId: 'diagnoseInstance' },
  { method: 'GET', path: '/instances/{instanceId}/elevations', operationId: 'listElevationsOfInstance' },
  { method: 'POST', path: '/grants/{grant}/instances/{instanceId}/elevations', operationId: 'startElevation' },
  { method: 'GET', path: '/grants/{grant}/instances/{instanceId}/elevations/{name}', operationId: 'getElevation' },
  {
    method: 'POST',
    path: '/grants/{grant}/instances/{instanceId}/elevations/{name}/release',
    operationId: 'releaseElevation',
  },
] as const;
export type Route = (typeof ROUTES)[number];
export type OperationId = Route['operationId'];
