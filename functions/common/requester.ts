import type { Request } from '../../state-machine/document';
import { nameRequester, requesterSchema } from '../../state-machine/requester';

/** Who asks for an elevation, for its record and for every log line. What is no requester counts as none: it is refused elsewhere. */
export function requesterOf(request: unknown): string {
  const { requester } = (request ?? {}) as Partial<Request>;
  return nameRequester(requesterSchema.safeParse(requester).data);
}
