import { expect, test } from '@jest/globals';
import { virtualClock } from '../../../local/clock/virtual';
import { createSqs } from '../../../local/sqs';
import type { Principal, World } from '../../../local/world';
import { CALLER } from '../lambda/harness';

const arn = 'arn:aws:sqs:eu-west-1:111122223333:dead-letters';
const RULE = { service: 'events.amazonaws.com', sourceArn: 'arn:aws:events:eu-west-1:111122223333:rule/r' };
const message = { body: '{}', attributes: { ERROR_CODE: 'NO_RESOURCE' } };
const DAY = 86_400_000;

function queue() {
  const clock = virtualClock();
  const iam = {
    evaluate: (principal: Principal, action: string, resource: string) => ({
      allowed: principal === CALLER && action === 'sqs:SendMessage' && resource === arn,
    }),
  };
  const sqs = createSqs({ clock, iam } as unknown as World);
  sqs.putQueue({ name: 'dead-letters', arn, retention: 4 * DAY });
  return { sqs, clock };
}

test('a principal sends by its identity policy', () => {
  const { sqs } = queue();
  sqs.send(arn, message, CALLER);
  expect(sqs.messages(arn)).toEqual([message]);
  expect(() => sqs.send(arn, message, { ...CALLER })).toThrow('denied');
});

test('a service sends by the queue’s own policy, for its source', () => {
  const { sqs } = queue();
  expect(() => sqs.send(arn, message, RULE)).toThrow('denied');
  sqs.setSenders(arn, [{ principal: RULE.service, sourceArn: RULE.sourceArn }]);
  sqs.send(arn, message, RULE);
  expect(() => sqs.send(arn, message, { ...RULE, sourceArn: `${RULE.sourceArn}2` })).toThrow('denied');
  expect(() => sqs.send(arn, message, { ...RULE, service: 'sns.amazonaws.com' })).toThrow('denied');
  sqs.putQueue({ name: 'dead-letters', arn, retention: DAY });
  sqs.send(arn, message, RULE);
  expect(sqs.messages(arn)).toHaveLength(2);
});

test('messages are kept for the queue’s retention', async () => {
  const { sqs, clock } = queue();
  sqs.send(arn, message, CALLER);
  await clock.run(clock.sleep(3 * DAY));
  sqs.send(arn, message, CALLER);
  expect(sqs.messages(arn)).toHaveLength(2);
  await clock.run(clock.sleep(DAY));
  expect(sqs.messages(arn)).toHaveLength(1);
});

test('a queue that is not there takes nothing', () => {
  const { sqs } = queue();
  sqs.removeQueue(arn);
  expect(() => sqs.send(arn, message, CALLER)).toThrow('does not exist');
});
