import {
  type Capture,
  type Document,
  LARGEST_REQUEST,
  type Request,
  requestSchema,
} from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import type { OutputLocation } from '../../state-machine/output';
import { z } from '../../state-machine/schema';
import type { Config } from './lambda';

/**
 * Reads the requester's keys.
 * @throws StepUpError InputTooLarge; NotAnEc2Instance for a hybrid node; RequestInvalid with every wrong field by name
 */
export function parseRequest(request: unknown): Request {
  const bytes = Buffer.byteLength(JSON.stringify(request) ?? '', 'utf8');
  if (bytes > LARGEST_REQUEST) {
    throw new StepUpError(
      'InputTooLarge',
      `The request has ${bytes} bytes, at most ${LARGEST_REQUEST} are possible: put the script into S3 and use s3Script.`,
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

/** The request of a document that captureProfile has accepted. */
export const requestOf = (document: Document): Request => parseRequest(document.request);

/** The capture of an elevation that has got past CaptureProfile. */
export function captureOf(document: Document): Extract<Capture, { done: true }> {
  if (document.capture?.done) return document.capture;
  throw new StepUpError(
    'RequestInvalid',
    'This step was reached without a captured profile: the state machine and the functions are of different releases.',
  );
}

/** Where the full output of a request's command goes; null: nowhere. */
export const outputOf = (request: Request, { defaultOutput }: Pick<Config, 'defaultOutput'>): OutputLocation | null =>
  request.output ?? defaultOutput;

/** Epoch ms until which a request waits for an instance that another elevation has. */
export const patienceEnds = (request: Request, execution: { StartTime: string }): number =>
  Date.parse(execution.StartTime) + request.waitForInstanceMinutes * 60_000;
