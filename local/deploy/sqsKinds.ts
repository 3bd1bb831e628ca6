import type { SqsPort } from '../world';
import { arn, type Kind, lastPart, type Properties } from './kinds';

const DEFAULT_RETENTION_SECONDS = 4 * 24 * 3_600;

const queue: Kind = {
  replacedBy: ['QueueName', 'FifoQueue'],
  create: ({ world, name: generated }, properties) => {
    const { QueueName: name = generated, MessageRetentionPeriod: seconds = DEFAULT_RETENTION_SECONDS } = properties;
    const queueArn = arn(world, 'sqs', name);
    world.sqs.putQueue({ name, arn: queueArn, retention: seconds * 1_000 });
    const url = `https://sqs.${world.region}.amazonaws.com/${world.account}/${name}`;
    return { ref: url, attributes: { Arn: queueArn, QueueName: name } };
  },
  remove: ({ world }, { attributes }) => world.sqs.removeQueue(attributes!.Arn!),
};

const queuePolicy: Kind = {
  replacedBy: [],
  create: ({ world, name }, { Queues, PolicyDocument }) => {
    const senders = PolicyDocument.Statement.flatMap((statement: Properties) => sendersIn(statement));
    for (const url of Queues) world.sqs.setSenders(arn(world, 'sqs', lastPart(url, '/')), senders);
    return { ref: name };
  },
  remove: ({ world }, { properties }) => {
    for (const url of properties.Queues) world.sqs.setSenders(arn(world, 'sqs', lastPart(url, '/')), []);
  },
};

/** @throws Error for a statement that is neither of the two which are understood */
function sendersIn({ Effect, Principal, Action, Condition = {} }: Properties): Parameters<SqsPort['setSenders']>[1] {
  const [[operator, keys] = ['', {}], ...others] = Object.entries<Record<string, string>>(Condition);
  // AWS's services come by TLS.
  if (Effect === 'Deny' && `${keys['aws:SecureTransport']}` === 'false') return [];
  const sourceArn = keys['aws:SourceArn'];
  const isKnown = Effect === 'Allow' && Action === 'sqs:SendMessage' && /^Arn(Equals|Like)$/.test(operator);
  if (isKnown && others.length === 0 && Object.keys(keys).length === 1 && sourceArn && Principal.Service) {
    return [{ principal: Principal.Service, sourceArn }];
  }
  throw new Error(`A queue's policy is understood only for services that send for a resource: ${Effect} ${Action}`);
}

export const sqsKinds: Record<string, Kind> = {
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
};
