import { AwsError, type EventRule, type EventTarget, type World } from '../world';

/** EventBridge's own, for a target without a retry policy (aws-facts-2 16.1). */
const DEFAULT_RETRY = { maximumAge: 24 * 3_600_000, maximumAttempts: 185 };
/** Unconfirmed: the documentation says "exponential back off" and no numbers; 185 times in a day is every eight minutes. */
const FIRST_BACKOFF = 1_000;
const LONGEST_BACKOFF = 480_000;

/** Why an event lies in the dead letters: names of EventBridge's table of ERROR_CODE. Unconfirmed: that of a server's error. */
const errorCode = ({ status }: AwsError): string =>
  ({ 403: 'NO_PERMISSIONS', 404: 'NO_RESOURCE', 429: 'THROTTLING' })[status] ??
  (status >= 500 ? 'INTERNAL_EXCEPTION_FROM_TARGET' : 'ERROR_FROM_TARGET');

/** @param later calls after so many milliseconds, unless the world ends before */
export function createDelivery(world: World, later: (ms: number, action: () => void) => void) {
  /** As EventBridge, on behalf of the rule. What it may not send is lost. */
  const bury = (rule: EventRule, { arn, deadLetters }: EventTarget, event: object, error: AwsError, why: object) => {
    if (!deadLetters) return;
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: arn,
      ERROR_CODE: errorCode(error),
      ERROR_MESSAGE: error.message,
      ...why,
    };
    const sender = { service: 'events.amazonaws.com', sourceArn: rule.arn };
    try {
      world.sqs.send(deadLetters, { body: JSON.stringify(event), attributes }, sender);
    } catch (refused) {
      if (!(refused instanceof AwsError)) throw refused;
    }
  };

  const attempt = async (rule: EventRule, target: EventTarget, event: object, begun: number, retries: number) => {
    try {
      const invoker = { service: 'events.amazonaws.com', sourceArn: rule.arn };
      await world.lambda.invokeAsynchronously(target.arn, event, invoker);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // A missing target or permission is not tried again (aws-facts-2 16.1).
      if (error.status !== 429 && error.status < 500) return bury(rule, target, event, error, { RETRY_ATTEMPTS: '0' });
      const { maximumAge, maximumAttempts } = target.retry ?? DEFAULT_RETRY;
      const backoff = Math.min(FIRST_BACKOFF * 2 ** retries, LONGEST_BACKOFF);
      const isTooOld = world.clock.now() + backoff - begun > maximumAge;
      if (!isTooOld && retries < maximumAttempts) {
        return later(backoff, () => void attempt(rule, target, event, begun, retries + 1));
      }
      bury(rule, target, event, error, {
        RETRY_ATTEMPTS: String(retries),
        EXHAUSTED_RETRY_CONDITION: isTooOld ? 'MaximumEventAgeInSeconds' : 'MaximumRetryAttempts',
      });
    }
  };

  /** To each target of the rule. */
  return (rule: EventRule, event: object): void => {
    for (const target of rule.targets) void attempt(rule, target, event, world.clock.now(), 0);
  };
}
