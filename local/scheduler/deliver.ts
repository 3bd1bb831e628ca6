import { AwsError, createRetrying, errorCode, type Principal, type ScheduleDefinition, type World } from '../world';

export const groupArn = ({ partition, region, account }: World, group: string): string =>
  `arn:${partition}:scheduler:${region}:${account}:schedule-group/${group}`;
export const scheduleArn = ({ partition, region, account }: World, { group, name }: ScheduleDefinition): string =>
  `arn:${partition}:scheduler:${region}:${account}:schedule/${group}/${name}`;

const SERVICE = 'scheduler.amazonaws.com';
const SESSION_LIFETIME = 3_600_000;

/** @throws AwsError when the schedule's role does not let Scheduler assume it: as the group that it is in */
function assume(world: World, definition: ScheduleDefinition): Principal {
  const roleName = definition.target.roleArn.slice(definition.target.roleArn.lastIndexOf('/') + 1);
  const context = { 'aws:SourceAccount': world.account, 'aws:SourceArn': groupArn(world, definition.group) };
  if (!world.iam.trusts(roleName, { service: SERVICE }, context)) {
    throw new AwsError('AccessDeniedException', `The role ${roleName} does not let ${SERVICE} assume it.`, 403);
  }
  const session = { roleName, sessionName: definition.name, lifetime: SESSION_LIFETIME };
  return world.iam.accessKey(world.iam.issueSession(session).accessKeyId)!.principal;
}

/** Puts what Scheduler knows in the place of its own words, wherever they stand (aws-facts-2 16.3). */
const filled = (input: string, words: Record<string, string>): string =>
  input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (whole, word: string) => words[word] ?? whole);

/** @param later calls after so many milliseconds, unless the world ends before */
export function createDelivery(world: World, later: (ms: number, action: () => void) => void) {
  const deliver = createRetrying(world, later);
  /** Scheduler sends a dead letter as the schedule's role; what that may not send is lost. */
  const bury = (definition: ScheduleDefinition, body: string, attributes: Record<string, string>) => {
    const { deadLetters } = definition.target;
    if (!deadLetters) return;
    try {
      world.sqs.send(deadLetters, { body, attributes }, assume(world, definition));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
  };

  /** Calls the target for one time of the schedule. */
  return (definition: ScheduleDefinition, time: number): void => {
    const { target } = definition;
    const scheduledTime = `${new Date(time).toISOString().slice(0, 19)}Z`;
    const executionId = world.ids.uuid().slice(0, 16);
    let attempts = 0;
    const inputNow = () =>
      filled(target.input, {
        'schedule-arn': scheduleArn(world, definition),
        'scheduled-time': scheduledTime,
        'execution-id': executionId,
        'attempt-number': String(attempts),
      });
    deliver({
      retry: target.retry,
      send: async () => {
        attempts += 1;
        await world.lambda.invokeAsynchronously(target.arn, JSON.parse(inputNow()), assume(world, definition));
      },
      // Unconfirmed: the names, but those that EventBridge has, too.
      bury: (error, why) =>
        bury(definition, inputNow(), {
          SCHEDULE_ARN: scheduleArn(world, definition),
          SCHEDULED_TIME: scheduledTime,
          TARGET_ARN: target.arn,
          ERROR_CODE: errorCode(error),
          ERROR_MESSAGE: error.message,
          ...why,
        }),
    });
  };
}
