import {
  AwsError,
  type Principal,
  type QueueDefinition,
  type QueueMessage,
  type ServiceCaller,
  type SqsPort,
  type World,
} from '../world';

interface Queue extends QueueDefinition {
  senders: { principal: string; sourceArn: string }[];
  messages: (QueueMessage & { sentAt: number })[];
}

/** SQS as the place where others leave what they could not deliver. It has no operations: nobody here calls SQS. */
export function createSqs(world: World): SqsPort {
  const queues = new Map<string, Queue>();
  const known = (arn: string) => {
    const queue = queues.get(arn);
    if (!queue)
      throw new AwsError('AWS.SimpleQueueService.NonExistentQueue', 'The specified queue does not exist.', 400);
    return queue;
  };
  return {
    operations: [],
    putQueue: (queue) => {
      const { senders = [], messages = [] } = queues.get(queue.arn) ?? {};
      queues.set(queue.arn, { ...queue, senders, messages });
    },
    removeQueue: (arn) => void queues.delete(arn),
    setSenders: (arn, senders) => {
      known(arn).senders = senders;
    },
    send: (arn, message, sender) => {
      const queue = known(arn);
      if (!maySend(world, queue, sender))
        throw new AwsError('AccessDenied', `Access to the resource ${arn} is denied.`, 403);
      queue.messages.push({ ...message, sentAt: world.clock.now() });
    },
    messages: (arn) => {
      const { messages, retention } = known(arn);
      const kept = messages.filter(({ sentAt }) => world.clock.now() - sentAt < retention);
      return kept.map(({ body, attributes }) => ({ body, attributes }));
    },
  };
}

/** A principal needs an identity policy; a service needs the queue's own policy, for its source. */
function maySend({ iam }: World, { arn, senders }: Queue, sender: Principal | ServiceCaller): boolean {
  if ('kind' in sender) return iam.evaluate(sender, 'sqs:SendMessage', arn).allowed;
  return senders.some(({ principal, sourceArn }) => principal === sender.service && sourceArn === sender.sourceArn);
}
