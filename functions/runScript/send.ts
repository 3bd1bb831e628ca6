import type { IAMClient } from '@aws-sdk/client-iam';
import { SendCommandCommand, type SendCommandCommandInput, type SSMClient } from '@aws-sdk/client-ssm';
import type { Command, Request, TaskEvent } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { type OutputLocation, parseS3Location } from '../../state-machine/output';
import { type CommandSpec, commandOf } from '../../state-machine/work';
import { isDefiniteNo, isDenied, isThrottled } from '../common/awsErrors';
import { type Clock, iso } from '../common/clock';
import { DELIVERY_SECONDS } from '../common/commands';
import { BEFORE_EXPIRY_MS } from '../common/expiry';
import type { Deps } from '../common/lambda';
import { tempName } from '../common/names';
import { requireOpen } from '../common/record';
import { resay, withoutWork } from '../common/redact';
import { captureOf, requestOf } from '../common/request';

/** Longer than three attempts of a client, shorter than what the machine waits for. */
const STALE_MS = 40_000;
/** Throttling proves that nothing was done; 1 + 2 + 4 + 8 s stay far below the function's 60 s. */
const THROTTLED_TRIES = 5;

/**
 * Sends the script, once. SendCommand has no idempotency token: an answer that is lost is never asked for again.
 * @throws StepUpError CommandOutcomeUnknown (it may run: Restore cancels it), CommandRejected (it does not), ElevationClosed
 */
export async function send(
  { document, execution, state }: TaskEvent,
  { iam, ssmOnce, clock }: Deps<{ iam: IAMClient; ssmOnce: SSMClient }>,
): Promise<Command> {
  const request = requestOf(document);
  const capture = captureOf(document);
  const { durationMinutes } = capture;
  const asked = clock.now();
  const { expires } = await requireOpen(iam, execution);
  // A function that slept since does not know what became of its run; the machine has given it up after 70 s.
  if (clock.now() - asked > STALE_MS) {
    throw new StepUpError('ElevationClosed', 'This function was asleep: its run went on without it. Start a new one.');
  }
  const ends = clock.now() + DELIVERY_SECONDS * 1_000 + durationMinutes * 60_000;
  if (ends > Date.parse(expires) - BEFORE_EXPIRY_MS) {
    throw new StepUpError(
      'CommandRejected',
      `The grant ends at ${expires}, before ${durationMinutes} minutes of work could: the swap took too long. Nothing was started; try again.`,
    );
  }
  const command = commandOf(request.work);
  if (!command) {
    throw new StepUpError(
      'RequestInvalid',
      'A hold has no command to be sent: the state machine and the functions are of different releases.',
    );
  }
  const input = sendInput(request, command, capture, tempName(execution.Id));
  const commandId = await sendOnce(ssmOnce, input, clock, (error) => unquoting(error, request, input));
  return { commandId, sent: iso(clock.now()), retried: (state.RetryCount ?? 0) > 0 };
}

function sendInput(
  request: Request,
  { document, parameters }: CommandSpec,
  { durationMinutes, timeoutParameter, output }: ReturnType<typeof captureOf>,
  comment: string,
): SendCommandCommandInput {
  // aws-facts 4.2: without it SSM counts 3,600 s, whatever the document's default says.
  const bounded =
    timeoutParameter && !parameters[timeoutParameter] ? { [timeoutParameter]: [String(durationMinutes * 60)] } : {};
  return {
    DocumentName: document,
    InstanceIds: [request.instanceId],
    Parameters: { ...parameters, ...bounded },
    Comment: comment,
    TimeoutSeconds: DELIVERY_SECONDS,
    ...(output && outputInput(output)),
  };
}

function outputInput(output: OutputLocation): Partial<SendCommandCommandInput> {
  if ('cloudWatchLogGroup' in output) {
    return {
      CloudWatchOutputConfig: { CloudWatchLogGroupName: output.cloudWatchLogGroup, CloudWatchOutputEnabled: true },
    };
  }
  const { bucket, prefix } = parseS3Location(output.s3);
  return { OutputS3BucketName: bucket, ...(prefix && { OutputS3KeyPrefix: prefix.slice(0, -1) }) };
}

/**
 * The only call that carries what a requester wrote, and SSM repeats what it refuses; Lambda's runtime logs what is thrown.
 * The names stay: CaptureProfile has refused parameters that the document does not declare.
 */
function unquoting(error: unknown, request: Request, { DocumentName = '', Parameters = {} }: SendCommandCommandInput) {
  if (!(error instanceof Error)) return error;
  return resay(error, withoutWork(error.message, request, [DocumentName, ...Object.keys(Parameters)]));
}

async function sendOnce(
  ssmOnce: SSMClient,
  input: SendCommandCommandInput,
  clock: Clock,
  clean: (error: unknown) => unknown,
): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      const { Command } = await ssmOnce.send(new SendCommandCommand(input));
      return Command?.CommandId as string;
    } catch (thrown) {
      const error = clean(thrown);
      if (isThrottled(error) && tries < THROTTLED_TRIES) {
        await clock.sleep(1_000 * 2 ** (tries - 1));
        continue;
      }
      if (isDenied(error) || isThrottled(error)) throw error;
      const { name, message, $metadata } = error as Error & { $metadata?: { requestId?: string } };
      const said = `${name}: ${message}${$metadata?.requestId ? `; request id ${$metadata.requestId}` : ''}`;
      if (isDefiniteNo(error)) {
        throw new StepUpError(
          'CommandRejected',
          `SSM refused the command (${said}). Nothing was started: mend the request's work and try again.`,
          { cause: error },
        );
      }
      throw new StepUpError(
        'CommandOutcomeUnknown',
        `SSM did not say whether it took the command (${said}). It is not sent again; if it runs, it is cancelled with the restore. Look at Run Command's history before you try again.`,
        { cause: error },
      );
    }
  }
}
