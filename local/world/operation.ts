import type { World } from './world';

export type ServiceName = 'ec2' | 'iam' | 'sts' | 'ssm' | 'logs' | 'states' | 's3' | 'scheduler';

/**
 * Who signed a request. `kind` 'root' is the world's owner (seeding, deployment): everything is allowed to it.
 */
export interface Principal {
  kind: 'root' | 'user' | 'assumed-role';
  /** arn:aws:sts::…:assumed-role/ROLE/SESSION (no path), arn:aws:iam::…:user/…, arn:aws:iam::…:root */
  arn: string;
  /** AROA…:SESSION, AIDA…, or the account id */
  userId: string;
  /** Epoch ms at which the credentials were issued (aws:TokenIssueTime). */
  issuedAt: number;
  /** Users and roles only: the stored name, by which IAM finds the identity. */
  name?: string;
  /** Credentials that EC2 delivered to an instance (ec2:SourceInstanceARN). */
  sourceInstanceArn?: string;
  /** By which version of its metadata service an instance has got them (ec2:RoleDelivery). */
  roleDelivery?: '1.0' | '2.0';
}

/** Values for condition keys beyond those that every request has. Undefined: the key is absent. */
export type ConditionContext = Record<string, string | string[] | undefined>;

/** One API request on its way through an operation. */
export interface Call<Input> {
  world: World;
  input: Input;
  principal: Principal;
  requestId: string;
  /** Condition keys that hang on how the request was sent; `authorize` adds them. */
  conditions?: ConditionContext;
  /**
   * Evaluates IAM for the caller on every one of `resources` (ARNs; default `*`).
   * @throws AwsError the service's own denial (EC2: UnauthorizedOperation 403; SSM, states: AccessDeniedException 400; others: AccessDenied 403)
   */
  authorize(action: string, resources?: string | string[], context?: ConditionContext): void;
}

/** What the SDK exports per operation, e.g. `AssociateIamInstanceProfile$` of @aws-sdk/client-ec2. */
// biome-ignore lint/suspicious/noExplicitAny: the SDK's schema tuples are not publicly typed
export type OperationSchema = any;

/** One emulated operation of one AWS service; one file each. */
export interface Operation {
  service: ServiceName;
  /** AWS's name: the Action of a query, the last part of X-Amz-Target, the S3 API's name. */
  name: string;
  schema: OperationSchema;
  /** 'full', or what is missing. docs/local-aws.md lists exactly this. */
  support: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs and outputs are typed where the operation is defined
  run(call: Call<any>): any;
}

/** Defines an operation; types from the SDK: `operation<AssociateIamInstanceProfileRequest, AssociateIamInstanceProfileResult>(…)`. */
export function operation<Input, Output>(
  service: ServiceName,
  schema: OperationSchema,
  support: string,
  run: (call: Call<Input>) => Output | Promise<Output>,
): Operation {
  return { service, name: schema[2], schema, support, run };
}

/** An error answer of AWS: the wire code, the literal message, the HTTP status, further XML elements (S3). */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    readonly fields: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** A constraint of the model that an input breaks: `Member must …`. Without a value: one that is required is not there. */
export type Violation = [at: string, value: unknown, constraint: string];

/** As Java prints it. Unconfirmed: how AWS prints a structure. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}=${shown(item)}`)
    .join(', ')}}`;
}

/** The message in which AWS reports all of them together. */
export function validationMessage(violations: Violation[]): string {
  const texts = violations.map(([at, value, constraint]) => {
    const quoted = value === undefined ? 'null' : `'${shown(value)}'`;
    return `Value ${quoted} at '${at}' failed to satisfy constraint: Member must ${constraint}`;
  });
  return `${texts.length} validation error${texts.length > 1 ? 's' : ''} detected: ${texts.join('; ')}`;
}
