import { AwsError, type Call, type ConditionContext, type Principal, type ServiceName, type World } from '../world';

interface Request<Input> {
  world: World;
  service: ServiceName;
  input: Input;
  principal: Principal;
  requestId: string;
  /** Condition keys that hang on how the request was sent. */
  conditions?: ConditionContext;
}

/** The owner of the account. */
export function rootPrincipal({ partition, account }: World): Principal {
  return { kind: 'root', arn: `arn:${partition}:iam::${account}:root`, userId: account, issuedAt: 0 };
}

/** What an operation gets: root may do everything, all others what IAM says. */
export function createCall<Input>({ service, ...request }: Request<Input>): Call<Input> {
  const { world, principal, conditions } = request;
  return {
    ...request,
    authorize: (action, resources = '*', context) => {
      if (principal.kind === 'root') return;
      for (const resource of [resources].flat()) {
        const decision = world.iam.evaluate(principal, action, resource, { ...conditions, ...context });
        if (!decision.allowed) throw denial(service, principal, action, resource, decision.because);
      }
    },
  };
}

/** Literal texts: aws-facts 1.4, aws-facts-2 10.6 and 11.3. */
function denial(service: ServiceName, { arn }: Principal, action: string, resource: string, because: string): AwsError {
  const on = onResource(service, action, resource);
  const text = `User: ${arn} is not authorized to perform: ${action}${on} ${because}`;
  if (['ssm', 'logs', 'states'].includes(service)) return new AwsError('AccessDeniedException', text, 400);
  if (service === 'scheduler') return new AwsError('AccessDeniedException', text, 403);
  if (service !== 'ec2') return new AwsError('AccessDenied', text, 403);
  const message = `You are not authorized to perform this operation. ${text}`;
  // Opaque on AWS too. Unconfirmed: Describe calls have neither a resource nor this part.
  const encoded = Buffer.from(`${action} ${resource}`).toString('base64url');
  const tail = resource === '*' ? '' : `. Encoded authorization failure message: ${encoded}`;
  return new AwsError('UnauthorizedOperation', message + tail, 403);
}

function onResource(service: ServiceName, action: string, resource: string): string {
  if (resource === '*' && (service === 'ec2' || service === 's3')) return '';
  if (service === 's3') return ` on resource: "${resource}"`;
  return ` on resource: ${service === 'iam' ? iamResource(action, resource) : resource}`;
}

/**
 * IAM says `role NAME` of what exists and the whole ARN of what is created or passed (aws-facts-2 10.6); of policies
 * `policy ARN`, or `policy path /`. Unconfirmed beyond GetRole, CreateRole, GetPolicy and ListPolicies: which calls do
 * which.
 */
function iamResource(action: string, resource: string): string {
  if (/^iam:(Create|Tag|Untag|Pass)/.test(action)) return resource;
  const [, path] = /^arn:[^:]+:iam::\w+:policy(\/.*)$/.exec(resource) ?? [];
  if (path) return action === 'iam:ListPolicies' ? `policy path ${path}` : `policy ${resource}`;
  const [, type, name] = /^arn:[^:]+:iam::\d+:(role|user|instance-profile)\/(?:.*\/)?([^/]+)$/.exec(resource) ?? [];
  return type ? `${type.replace('-', ' ')} ${name}` : resource;
}
