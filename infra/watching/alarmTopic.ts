import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

export interface AlarmTopicProps {
  deployment: string;
  /** Without one nobody is told, until somebody subscribes. */
  email: string | undefined;
}

/**
 * Where alarms are told. Encrypted under a key of its own, a dollar a month: with AWS's `alias/aws/sns` CloudWatch may not
 * publish, the mail does not come, and only the alarm's history says so (re:Post, cloudwatch-receive-sns-for-alarm-trigger).
 */
export class AlarmTopic extends Topic {
  constructor(parent: Construct, { deployment, email }: AlarmTopicProps) {
    const key = new Key(parent, 'AlarmKey', {
      description: `Alarms of StepUp: ${deployment}`,
      enableKeyRotation: true,
      // Nothing is kept that anybody would have to decrypt later.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(parent, 'AlarmTopic', { topicName: `${deployment}-alarms`, masterKey: key, enforceSSL: true });
    const alarms = `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:${deployment}-*`;
    const fromAlarms = (...actions: string[]) => ({
      actions,
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID }, ArnLike: { 'aws:SourceArn': alarms } },
    });
    // A policy of one's own takes the place of SNS's, which lets the whole account publish.
    this.addToResourcePolicy(
      new PolicyStatement({ sid: 'Alarms', ...fromAlarms('sns:Publish'), resources: [this.topicArn] }),
    );
    key.addToResourcePolicy(
      new PolicyStatement({ sid: 'Alarms', ...fromAlarms('kms:Decrypt', 'kms:GenerateDataKey*'), resources: ['*'] }),
    );
    if (email) this.addSubscription(new EmailSubscription(email));
  }
}
