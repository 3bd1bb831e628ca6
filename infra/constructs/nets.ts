import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface NetsProps {
  deployment: string;
  /** ARN of the elevation machine: by name, so that the rule outlives it when the stack is deleted. */
  elevation: string;
  recover: IFunction;
  sweep: IFunction;
  /** For events that EventBridge cannot deliver. */
  deadLetters: IQueue;
}

const EVERY = Duration.minutes(15);

/** What no Catch can see is caught here: at once by an event, and again by the clock, for events are best effort. */
export class Nets extends Construct {
  readonly broken: Rule;
  readonly sweeping: Rule;

  constructor(parent: Construct, id: string, props: NetsProps) {
    super(parent, id);
    const { deployment, elevation, recover, sweep, deadLetters: deadLetterQueue } = props;
    this.broken = new Rule(this, 'Broken', {
      ruleName: `${deployment}-recover`,
      description: 'An elevation that ended otherwise than by succeeding is looked after',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [elevation] },
      },
      // EventBridge's most: told a day late is the same recovery, and nothing to do where sweep was there before.
      targets: [new LambdaFunction(recover, { deadLetterQueue, maxEventAge: Duration.hours(24), retryAttempts: 185 })],
    });
    this.sweeping = new Rule(this, 'Sweeping', {
      ruleName: `${deployment}-sweep`,
      description: 'Finds what an event missed, and deletes what has drained',
      schedule: Schedule.rate(EVERY),
      // Then the next turn is due.
      targets: [new LambdaFunction(sweep, { deadLetterQueue, maxEventAge: EVERY, retryAttempts: 185 })],
    });
  }
}
