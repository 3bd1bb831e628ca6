import { expect } from '@jest/globals';
import { AwsError } from '../../../local/world';
import { SETTLED } from '../../functions/worlds';
import { createStage, DEPLOYMENT, request, type Stage, type StageOptions } from '../../support/stage';
import type { Scenario } from './scenario';

/** Of the stack: long after every other scenario's time. In Berlin it is an hour later. */
export const SCHEDULE = { name: 'once', at: 'at(2030-01-01T01:00:00)', due: '2030-01-01T00:00:00Z' };

const HERE = 'us-east-1:123456789012';
const FUNCTION = `arn:aws:lambda:${HERE}:function:${DEPLOYMENT}-runScheduled`;
const DEAD_LETTERS = `arn:aws:sqs:${HERE}:${DEPLOYMENT}-dead-letters`;

/** A stage shortly before its schedule is due. */
const before = (options: StageOptions): Promise<Stage> =>
  createStage({ ...options, startAt: Date.parse(SCHEDULE.due) - 600_000 });

/** Tells runScheduled something, as an administrator: an event that Lambda runs twice is such a one, too. */
export const tell = async ({ aws: { world } }: Stage, event: object): Promise<void> => {
  const { principal } = world.iam.accessKey(world.iam.rootKey.accessKeyId)!;
  await world.lambda.invokeAsynchronously(FUNCTION, event, principal);
};

/** What a clock starts. */
export const SCHEDULING: Scenario[] = [
  {
    name: 'a schedule elevates when it is due, once, also when it is told again',
    play: async (options) => {
      const lines: string[] = [];
      const stage = await before({ ...options, log: (line) => lines.push(line) });
      await stage.pass(1_200 + SETTLED);
      const schedule = `arn:aws:scheduler:${HERE}:schedule/${DEPLOYMENT}/${SCHEDULE.name}`;
      await tell(stage, { schedule, scheduledTime: SCHEDULE.due, request: request() });
      await stage.pass(60);
      const saying = (text: string) => lines.filter((line) => line.includes(`"message":"${text}"`));
      expect([saying('run started').length, saying('run is there already').length]).toEqual([1, 1]);
      const { executions } = await stage.aws.world.asRoot('states', 'ListExecutions', {
        stateMachineArn: stage.machineArn('elevation'),
      });
      expect(executions).toEqual([expect.objectContaining({ status: 'SUCCEEDED' })]);
    },
  },
  {
    name: 'a time that EventBridge Scheduler cannot tell is kept',
    play: async (options) => {
      const stage = await before(options);
      stage.aws.world.lambda.invokeAsynchronously = async () => {
        throw new AwsError('ServiceException', 'down', 503);
      };
      await stage.pass(3 * 3_600);
      const [letter] = stage.aws.world.sqs.messages(DEAD_LETTERS).filter(({ attributes }) => attributes?.SCHEDULE_ARN);
      expect(letter?.attributes).toMatchObject({ EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' });
    },
  },
];
