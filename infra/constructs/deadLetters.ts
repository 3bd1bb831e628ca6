import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/**
 * Events that nobody could handle: those that EventBridge could not deliver, and those on which recover or sweep failed at
 * every attempt. Sweep repairs what they would have told; they say why. SQS's own encryption, for EventBridge and Lambda
 * need no key for it.
 */
export class DeadLetters extends Queue {
  constructor(parent: Construct, { deployment }: { deployment: string }) {
    super(parent, 'DeadLetters', {
      queueName: `${deployment}-dead-letters`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
