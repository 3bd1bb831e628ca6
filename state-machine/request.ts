import { LARGEST_INPUT, type Request, requestSchema } from './document';
import { StepUpError } from './errors';
import { z } from './schema';

/**
 * Reads the requester's keys.
 * @throws StepUpError InputTooLarge; NotAnEc2Instance for a hybrid node; RequestInvalid with every wrong field by name
 */
export function parseRequest(request: unknown): Request {
  const bytes = Buffer.byteLength(JSON.stringify(request) ?? '', 'utf8');
  if (bytes > LARGEST_INPUT) {
    throw new StepUpError(
      'InputTooLarge',
      `The request has ${bytes} bytes, at most ${LARGEST_INPUT} are possible: put the script into S3 and use s3Script.`,
    );
  }
  const instanceId = (request as { instanceId?: unknown } | null)?.instanceId;
  if (typeof instanceId === 'string' && /^mi-[0-9a-f]{17}$/.test(instanceId)) {
    throw new StepUpError(
      'NotAnEc2Instance',
      `${instanceId} is a hybrid node: it has a service role, no instance profile. Name an EC2 instance (i-...).`,
    );
  }
  const parsed = requestSchema.safeParse(request);
  if (!parsed.success)
    throw new StepUpError('RequestInvalid', `The request is not valid. ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
