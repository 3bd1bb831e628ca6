import type { Principal } from '../world';

/** What is known of a request, for templates and access logs; more is known the further it gets. */
export interface Facts {
  requestId: string;
  extendedRequestId: string;
  apiId: string;
  stage: string;
  httpMethod: string;
  /** With the stage. */
  path: string;
  requestTime: string;
  requestTimeEpoch: number;
  resourcePath?: string;
  resourceId?: string;
  principal?: Principal;
  accountId?: string;
  status?: number;
  responseLength?: number;
  responseLatency?: number;
  integrationStatus?: number;
  error?: { message: string; responseType: string };
}

/** $context, by the names of the Developer Guide ('Variables for data models …', 'Variables for access logging'). */
function contextOf({ principal, accountId, error, integrationStatus, ...facts }: Facts): Record<string, unknown> {
  return {
    ...facts,
    protocol: 'HTTP/1.1',
    'identity.sourceIp': '127.0.0.1',
    'identity.userArn': principal?.arn,
    'identity.user': principal?.userId,
    'identity.caller': principal?.userId,
    'identity.accountId': accountId,
    'integration.status': integrationStatus,
    'error.message': error?.message,
    'error.messageString': error && JSON.stringify(error.message),
    'error.responseType': error?.responseType,
  };
}

/** Puts values in the place of variables. @param absent what stands for one that is not known */
export function filled(template: string, facts: Facts, absent: string): string {
  const context = contextOf(facts);
  return template.replace(/\$context\.(\w+(?:\.\w+)*)/g, (_, name: string) => String(context[name] ?? absent));
}
