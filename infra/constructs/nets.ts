import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Machine } from './machine';

export interface NetsProps {
  deployment: string;
  elevation: Machine;
  recover: IFunction;
  sweep: IFunction;
}

/** What no Catch can see is caught here: at once by an event, and again by the clock, for events are best effort. */
export class Nets extends Construct {
  constructor(parent: Construct, id: string, { deployment, elevation, recover, sweep }: NetsProps) {
    super(parent, id);
    new Rule(this, 'Broken', {
      ruleName: `${deployment}-recover`,
      description: 'An elevation that ended otherwise than by succeeding is looked after',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [elevation.stateMachineArn] },
      },
      targets: [new LambdaFunction(recover)],
    });
    new Rule(this, 'Sweeping', {
      ruleName: `${deployment}-sweep`,
      description: 'Finds what an event missed, and deletes what has drained',
      schedule: Schedule.rate(Duration.minutes(15)),
      targets: [new LambdaFunction(sweep)],
    });
  }
}
