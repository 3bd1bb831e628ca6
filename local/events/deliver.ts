import { AwsError, createRetrying, type EventRule, type EventTarget, errorCode, type World } from '../world';

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

  const deliver = createRetrying(world, later);
  /** To each target of the rule. */
  return (rule: EventRule, event: object): void => {
    const invoker = { service: 'events.amazonaws.com', sourceArn: rule.arn };
    for (const target of rule.targets) {
      deliver({
        retry: target.retry,
        send: () => world.lambda.invokeAsynchronously(target.arn, event, invoker),
        bury: (error, why) => bury(rule, target, event, error, why),
      });
    }
  };
}
