import type { AwsError, ConditionContext, Operation, World } from '../world';
import type { WireRequest, WireResponse } from './message';

/** How one family of services names its operations and writes its answers. */
export interface Protocol {
  dialect: 'ec2' | 'query' | 'json' | 'restJson' | 's3';
  /** The operation's name and, for REST, what its path holds; undefined: there is no such thing here. */
  target(request: WireRequest, world: World): { operation: string; labels?: Record<string, string> } | undefined;
  /** Condition keys of the service that hang on how the request was sent. */
  conditions?(request: WireRequest, world: World): ConditionContext;
  input(operation: Operation, request: WireRequest, labels: Record<string, string>): unknown;
  success(operation: Operation, output: unknown, requestId: string): WireResponse;
  failure(error: AwsError, requestId: string, request: WireRequest): WireResponse;
}
