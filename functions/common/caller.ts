import { type Caller, callerSchema } from '../../state-machine/requester';
import { z } from '../../state-machine/schema';

export type Identity = Omit<Caller, 'key'>;

/** `requestContext.identity` of an event of API Gateway, on a route with AWS_IAM. */
const identitySchema = z.pipe(
  z.object({ userArn: callerSchema.shape.arn, user: callerSchema.shape.userId }),
  z.transform(({ userArn: arn, user: userId }): Identity => ({ arn, userId })),
);

/** Who signed a request to the API. Undefined: nobody, or API Gateway was not asked to find out. */
export function callerOf(event: unknown): Identity | undefined {
  const { requestContext } = (event ?? {}) as { requestContext?: { identity?: unknown } | null };
  return identitySchema.safeParse(requestContext?.identity).data;
}
