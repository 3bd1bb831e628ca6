import type { Capture, Document, Request } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import type { OutputLocation } from '../../state-machine/output';
import { parseRequest } from '../../state-machine/request';
import type { Config } from './lambda';

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

/** Where the full output of a request's command goes; null: nowhere, as of a hold, which has no command. */
export const outputOf = (
  { work, output }: Request,
  { defaultOutput }: Pick<Config, 'defaultOutput'>,
): OutputLocation | null => ('hold' in work ? null : (output ?? defaultOutput));

/** Epoch ms until which a request waits for an instance that another elevation has. */
export const patienceEnds = (request: Request, execution: { StartTime: string }): number =>
  Date.parse(execution.StartTime) + request.waitForInstanceMinutes * 60_000;
