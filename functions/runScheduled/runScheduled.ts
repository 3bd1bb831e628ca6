import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { requestSchema } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { executionName, type Requester } from '../../state-machine/requester';
import { type ScheduledEvent, scheduledEventSchema } from '../../state-machine/schedule';
import { z } from '../../state-machine/schema';
import { isAws, translate } from '../common/awsErrors';
import type { Deps } from '../common/lambda';
import { elevationMachine } from '../common/names';
import { requesterOf } from '../common/requester';

export interface Started {
  executionArn: string;
  /** This time of the schedule was told before, and has its run. */
  again: boolean;
}

type ScheduledDeps = Deps<{ sfn: SFNClient }>;

/**
 * Fires when a schedule is due: starts the elevation that it asks for. EventBridge Scheduler delivers at least once, and Lambda
 * may run an event twice: the execution's name is made of the schedule and the time that was due, so that a second telling
 * is the same run.
 * @throws StepUpError RequestInvalid, or what AWS answered: Lambda calls it twice again, and keeps the event in the end
 */
export async function runScheduled(event: unknown, deps: ScheduledDeps): Promise<Started> {
  const { log } = deps;
  try {
    const started = await start(parse(event, deps), deps);
    log.info(started.again ? 'run is there already' : 'run started', { execution: started.executionArn });
    if (!started.again) log.metrics({ ScheduledStarts: 1 });
    return started;
  } catch (error) {
    log.metrics({}, { as: 'ScheduledStartsFailed', errorName: translate(error).name });
    throw error;
  }
}

/** A schedule may have been changed by hand since synth had judged it. */
function parse(event: unknown, { config }: ScheduledDeps): ScheduledEvent {
  const parsed = scheduledEventSchema.safeParse(event);
  if (!parsed.success) {
    throw new StepUpError(
      'RequestInvalid',
      `The schedule's input is not as StepUp writes it: was it changed by hand? Deploy again. ${z.prettifyError(parsed.error)}`,
    );
  }
  const { schedule } = parsed.data;
  const [group] = schedule.split('/').slice(1);
  if (group === config.deployment) return parsed.data;
  throw new StepUpError(
    'RequestInvalid',
    `${schedule} is not in the group '${config.deployment}': only this deployment's own schedules start elevations.`,
  );
}

async function start({ schedule, scheduledTime, request }: ScheduledEvent, deps: ScheduledDeps): Promise<Started> {
  const { sfn, config, log } = deps;
  const requester: Requester = { schedule, scheduledTime };
  const { instanceId, grant } = request;
  log.knows({ instanceId, grant, requester: requesterOf({ requester }) });
  const name = executionName(requester);
  const machine = elevationMachine(config.deployment);
  const [, partition, , region, account] = schedule.split(':');
  const arn = (resource: string) => `arn:${partition}:states:${region}:${account}:${resource}`;
  const executionArn = arn(`execution:${machine}:${name}`);
  log.knows({ execution: executionArn });
  // In the schema's own order of keys: the same request is the same text, which is how a second telling is known.
  const input = JSON.stringify(requestSchema.parse({ ...request, requester }));
  try {
    await sfn.send(new StartExecutionCommand({ stateMachineArn: arn(`stateMachine:${machine}`), name, input }));
    return { executionArn, again: false };
  } catch (error) {
    // While the run goes on, the same name and input are answered as the first time; afterwards like this (aws-facts 5.3).
    if (!isAws(error, 'ExecutionAlreadyExists')) throw error;
    const there = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (there.input === input) return { executionArn, again: true };
    throw new StepUpError(
      'RequestInvalid',
      `${name} has run already, with another request: the schedule was changed between two deliveries of one time. Nothing was started a second time.`,
      { cause: error },
    );
  }
}
