import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
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
    const principals = [new ServicePrincipal('cloudwatch.amazonaws.com')];
    // A policy of one's own takes the place of SNS's, which lets the whole account publish.
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        actions: ['sns:Publish'],
        principals,
        resources: [this.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID }, ArnLike: { 'aws:SourceArn': alarms } },
      }),
    );
    // Without conditions, as on that page: SNS's 'Key management' leaves it to each service which it supports here, and
    // CloudWatch's pages do not say. If it sent none, no mail would come. Whose alarms may publish the topic decides.
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        principals,
        resources: ['*'],
      }),
    );
    key.addToResourcePolicy(handsOff());
    if (email) this.addSubscription(new EmailSubscription(email));
  }
}

/** No elevation needs the key, and an original may have kms:*: who disables it, or deletes it, silences every alarm. */
const handsOff = () =>
  new PolicyStatement({
    sid: 'HandsOffStepUp',
    effect: Effect.DENY,
    actions: ['kms:*'],
    principals: [new AnyPrincipal()],
    resources: ['*'],
    conditions: {
      ArnLike: { 'aws:PrincipalArn': `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/stepup/elevations/*` },
    },
  });
