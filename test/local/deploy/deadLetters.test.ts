import { afterEach, describe, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '../../../local';
import { virtualClock } from '../../../local/clock/virtual';
import { assembly } from './assembly';

const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:dead';
const DAY = 86_400_000;
const ref = (name: string) => ({ Ref: name });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

const ownPolicy = (...statements: object[]) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: { Queues: [ref('Queue')], PolicyDocument: document(...statements) },
});
const fromRule = {
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: arnOf('Queue'),
  Condition: { ArnEquals: { 'aws:SourceArn': arnOf('Rule') } },
};
const overTls = {
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Action: 'sqs:*',
  Resource: arnOf('Queue'),
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

/** A rule that calls a function, both with the same dead letters, as CDK writes it. */
const RESOURCES = {
  Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead', MessageRetentionPeriod: 1_209_600 } },
  QueuePolicy: ownPolicy(overTls, fromRule),
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'worker',
      AssumeRolePolicyDocument: document({
        Effect: 'Allow',
        Principal: { Service: 'lambda.amazonaws.com' },
        Action: 'sts:AssumeRole',
      }),
      Policies: [
        {
          PolicyName: 'permissions',
          PolicyDocument: document({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE }),
        },
      ],
    },
  },
  Fn: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'work',
      Role: arnOf('Role'),
      Code: { S3Key: 'abc.zip' },
      DeadLetterConfig: { TargetArn: arnOf('Queue') },
      ReservedConcurrentExecutions: 1,
    },
  },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: { source: ['test'] },
      Targets: [
        {
          Arn: arnOf('Fn'),
          Id: 'T',
          DeadLetterConfig: { Arn: arnOf('Queue') },
          RetryPolicy: { MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 3 },
        },
      ],
    },
  },
  Allow: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: arnOf('Fn'),
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: arnOf('Rule'),
    },
  },
};

/** Publishes one event, and returns what lies in the queue a day later. */
async function letters(resources: object, answer: () => unknown) {
  const clock = virtualClock();
  const times: number[] = [];
  const aws = createLocalAws({
    clock,
    launcher: {
      launch: () => ({
        invoke: async () => {
          times.push(clock.now());
          await answer();
          return { payload: null };
        },
        close: () => undefined,
      }),
    },
  });
  open.push(aws);
  const pass = (ms: number) => clock.run(clock.sleep(ms));
  await clock.run(aws.deploy(assembly(resources)));
  await pass(60_000);
  aws.world.events.publish({ source: 'test', 'detail-type': 'T', detail: { run: 1 }, resources: [] });
  await pass(DAY);
  return { aws, pass, calls: times.length, messages: aws.world.sqs.messages(QUEUE) };
}

const fails = () => {
  throw new Error('Runtime exited');
};

describe('a function that fails at every attempt', () => {
  test('leaves its event in the dead letters, for as long as the queue keeps it', async () => {
    const { aws, pass, calls, messages } = await letters(RESOURCES, fails);
    expect(calls).toBe(3);
    expect(messages.map(({ body, attributes }) => [JSON.parse(body).detail, attributes.ErrorCode])).toEqual([
      [{ run: 1 }, '200'],
    ]);
    await pass(14 * DAY);
    expect(aws.world.sqs.messages(QUEUE)).toEqual([]);
  });
  test('leaves nothing if its role may not send it', async () => {
    const { Policies, ...Properties } = RESOURCES.Role.Properties;
    const { calls, messages } = await letters({ ...RESOURCES, Role: { ...RESOURCES.Role, Properties } }, fails);
    expect([calls, messages]).toEqual([3, []]);
  });
});

describe('a rule that may not call its function', () => {
  const { Allow, ...resources } = RESOURCES;
  test('leaves the event in the dead letters', async () => {
    const { calls, messages } = await letters(resources, () => undefined);
    expect(calls).toBe(0);
    expect(messages.map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({
        RULE_ARN: expect.stringMatching(/:rule\/S-Rule$/),
        TARGET_ARN: expect.stringMatching(/:function:work$/),
        ERROR_CODE: 'NO_PERMISSIONS',
      }),
    ]);
  });
  test('leaves nothing if the queue’s own policy does not let it', async () => {
    const { messages } = await letters({ ...resources, QueuePolicy: ownPolicy(overTls) }, () => undefined);
    expect(messages).toEqual([]);
  });
});

test('a policy of a queue that is not understood is refused', async () => {
  const anybody = { ...fromRule, Condition: {} };
  await expect(letters({ ...RESOURCES, QueuePolicy: ownPolicy(anybody) }, () => undefined)).rejects.toThrow(
    'is understood only for services that send for a resource',
  );
});

test('what the template says of a target and a function arrives there', async () => {
  const aws = createLocalAws({ clock: virtualClock() });
  open.push(aws);
  const targets: unknown[] = [];
  const reserved: unknown[] = [];
  const { events, lambda } = aws.world;
  const { putRule } = events;
  events.putRule = (rule) => {
    targets.push(...rule.targets);
    putRule(rule);
  };
  const { putFunction } = lambda;
  lambda.putFunction = (fn) => {
    reserved.push(fn.reservedConcurrency);
    putFunction(fn);
  };
  await aws.deploy(assembly(RESOURCES));
  const retry = { maximumAge: 900_000, maximumAttempts: 3 };
  expect(targets).toEqual([{ arn: expect.stringMatching(/:function:work$/), deadLetters: QUEUE, retry }]);
  expect(new Set(reserved)).toEqual(new Set([1]));
});
