import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../local';
import { requestSchema } from '../../../state-machine/document';
import { executionName } from '../../../state-machine/requester';
import { makeRequester } from '../../support/api';
import { INSTANCE, type Stage } from '../../support/stage';
import { asking, executionArn, expectProblem, LONG, STARTS } from './asking';

const KEY = '0199a3c4-5d6e-7f80-9123-456789abcdef';
const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: 'arn:aws:execute-api:*:*:*/v1/*' }],
});

const inputOf = async ({ during, sfn, ...stage }: Stage, name: string) =>
  (await during(sfn.send(new DescribeExecutionCommand({ executionArn: executionArn(stage as Stage, name) })))).input ??
  '';
const runsOf = async ({ during, sfn, machineArn }: Stage) =>
  (await during(sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn('elevation') })))).executions ?? [];

describe('an elevation that is asked for', () => {
  test('runs as its caller asked, under a name that key and caller make, and says where it is', async () => {
    const { stage, start, ask, log } = await asking();
    const { status, headers, body } = await start(
      { work: { shell: ['echo done'] }, reason: 'ticket 1' },
      { 'Idempotency-Key': KEY },
    );
    expect(status).toBe(202);
    const input = JSON.parse(await inputOf(stage, body.name));
    expect(Object.keys(input)).toEqual(Object.keys(requestSchema.parse(input)));
    expect(input).toMatchObject({
      ...{ instanceId: INSTANCE, grant: 'run-remote-script', reason: 'ticket 1', baseline: 'inherit' },
      requester: { arn: 'arn:aws:sts::123456789012:assumed-role/requester/jane', key: KEY },
    });
    expect(body).toMatchObject({
      name: executionName(input.requester),
      status: 'RUNNING',
      stopped: null,
      reason: 'ticket 1',
    });
    expect(body.name.startsWith(KEY)).toBe(true);
    expect(headers).toMatchObject({
      location: `/v1${STARTS}/${body.name}`,
      'idempotency-key': KEY,
      'cache-control': 'no-store',
    });
    const ended = await stage.ended(executionArn(stage, body.name));
    expect(ended.status).toBe('SUCCEEDED');
    expect((await ask('GET', body.href)).body).toMatchObject({ name: body.name, status: 'SUCCEEDED' });
    const { arn, userId } = input.requester;
    expect(log.map(({ requester }) => requester)).toEqual(log.map(() => `${arn} ${userId}`));
    expect(log.find(({ message }) => message === 'changed')).toMatchObject({
      ...{
        action: 'states:StartExecution',
        execution: ended.executionArn,
        instanceId: INSTANCE,
        grant: 'run-remote-script',
      },
    });
  });

  test('is recorded under its caller, in the temp role and in every log line of the run', async () => {
    const { stage, start } = await asking();
    await start(LONG, { 'idempotency-key': 'job-1' });
    await stage.pass(200);
    const { Roles } = await stage.aws.world.asRoot('iam', 'ListRoles', { PathPrefix: '/stepup/elevations/' });
    const { Tags } = await stage.aws.world.asRoot('iam', 'ListRoleTags', { RoleName: Roles[0].RoleName });
    const tag = Tags.find(({ Key }: { Key: string }) => Key.startsWith('stepup:requester')).Value;
    expect(tag).toContain('assumed-role/requester/jane');
  });

  test('without a key has one of its own in the answer: a UUIDv7 of its time', async () => {
    const { stage, start } = await asking();
    const [one, other] = [await start(), await start()];
    const key = String(one.headers['idempotency-key']);
    expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(key.replace('-', '').slice(0, 12), 16)).toBe(stage.clock.now());
    expect(other.headers['idempotency-key']).not.toBe(key);
    expect((await start(undefined, { 'idempotency-key': key })).body.name).toBe(one.body.name);
    expect(await runsOf(stage)).toHaveLength(2);
  });
});

describe('the same key', () => {
  test('of the same caller is the same elevation, running or ended, however the body is written', async () => {
    const { stage, start, ask } = await asking();
    const first = await start({ work: { shell: ['echo done'] }, reason: 'x' }, { 'idempotency-key': 'job-1' });
    const again: Record<string, string>[] = [{ 'idempotency-key': 'job-1' }, { 'Idempotency-Key': '"job-1"' }];
    for (const headers of again)
      expect(
        await ask('POST', STARTS, {
          headers,
          body: '{"reason" : "x", "work":{"shell":["echo done"]}, "baseline":"inherit"}',
        }),
      ).toMatchObject({
        ...{ status: 202, body: first.body, headers: { location: first.headers.location, 'idempotency-key': 'job-1' } },
      });
    await stage.ended(executionArn(stage, first.body.name));
    const ended = await start({ work: { shell: ['echo done'] }, reason: 'x' }, { 'idempotency-key': 'job-1' });
    expect(ended).toMatchObject({ status: 202, body: { name: first.body.name, status: 'SUCCEEDED' } });
    expect(ended.body.stopped).not.toBeNull();
    // JSON has -0, and what was kept of it is 0.
    const body = '{"work":{"shell":["echo done"]},"reason":"x","waitForInstanceMinutes":-0}';
    const zero = await ask('POST', STARTS, { headers: { 'idempotency-key': 'job-1' }, body });
    expect([zero.status, zero.body]).toEqual([202, ended.body]);
    expect(await runsOf(stage)).toHaveLength(1);
  });

  test('with another body, grant or instance is a conflict, running or ended, and starts nothing', async () => {
    const { stage, start, ask } = await asking();
    const done = { work: { shell: ['echo done'] } };
    const others: [object, string][] = [
      [{ work: { shell: ['echo other'] } }, STARTS],
      [{ ...done, durationMinutes: 5 }, STARTS],
      [done, STARTS.replace('run-remote-script', 'read-bucket-prefix')],
      [done, STARTS.replace(INSTANCE, 'i-00000000000000000')],
    ];
    const headers = { 'idempotency-key': 'job-1' };
    const expectConflicts = async () => {
      for (const [body, path] of others)
        expectProblem(await ask('POST', path, { body, headers }), 409, 'IdempotencyKeyReused');
    };
    const first = await start(done, headers);
    await expectConflicts();
    await stage.ended(executionArn(stage, first.body.name));
    await expectConflicts();
    expect(await runsOf(stage)).toHaveLength(1);
  });

  test('of another caller is another elevation', async () => {
    const { stage, as, start } = await asking();
    const headers = { 'idempotency-key': 'job-1' };
    const joe = as(await stage.during(makeRequester(stage.aws, 'requester2', EVERYTHING, 'joe')));
    const [hers, his] = [
      await start(undefined, headers),
      await joe('POST', STARTS, { body: { work: { shell: ['echo done'] } }, headers }),
    ];
    expect([hers.status, his.status]).toEqual([202, 202]);
    expect(his.body.requester).toContain('requester2/joe');
    expect(his.body.name).not.toBe(hers.body.name);
  });

  test('whose elevation is not to be seen yet is asked for again', async () => {
    const { start } = await asking({
      intercept: async ({ operation, principal }, proceed) => {
        if (operation !== 'DescribeExecution' || !principal.name?.endsWith('-requestElevation')) return proceed();
        throw new AwsError('ExecutionDoesNotExist', 'not yet');
      },
    });
    const headers = { 'idempotency-key': 'job-1' };
    expect((await start({ work: { shell: ['x'] } }, headers)).status).toBe(202);
    const answer = await start({ work: { shell: ['y'] } }, headers);
    expectProblem(answer, 503, 'Unavailable');
    expect(answer.headers['retry-after']).toBe('2');
  });

  test('whose first answer was lost on its way is found again', async () => {
    let lost = 0;
    const { stage, start } = await asking({
      intercept: async ({ operation, principal }, proceed) => {
        const answer = await proceed();
        if (operation !== 'StartExecution' || !principal.name?.endsWith('-requestElevation') || lost++ > 0)
          return answer;
        throw new AwsError('InternalFailure', 'lost on its way', 500);
      },
    });
    expect(await start(undefined, { 'idempotency-key': 'job-1' })).toMatchObject({ status: 202 });
    expect(lost).toBe(2);
    expect(await runsOf(stage)).toHaveLength(1);
  });
});

const refused = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const { stage, ask } = await asking();
  const answer = await ask('POST', path, { body, headers });
  expect(await runsOf(stage)).toEqual([]);
  return answer;
};

describe('what can be seen at once is refused at once', () => {
  const shell = { work: { shell: ['x'] } };
  test.each<[string, number, string, string, object]>([
    ['an unknown grant', 404, 'GrantNotFound', STARTS.replace('run-remote-script', 'run-remote-scripts'), shell],
    ['a hybrid node', 400, 'NotAnEc2Instance', STARTS.replace(INSTANCE, 'mi-0123456789abcdef0'), shell],
    ['too long a duration', 403, 'DurationTooLong', STARTS, { ...shell, durationMinutes: 700 }],
    [
      'a document of no grant',
      403,
      'DocumentNotAllowed',
      STARTS,
      { work: { script: { document: 'AWS-RunPatchBaseline' } } },
    ],
    ['an output that goes nowhere', 403, 'OutputNotAllowed', STARTS, { ...shell, output: { s3: 's3://elsewhere' } }],
  ])('%s', async (_, status, title, path, body) => {
    expectProblem(await refused(path, body), status, title);
  });

  test('every wrong field of path, query, header and body', async () => {
    const path = '/grants/Run/instances/I-1/elevations?dryRun=1&dryRun=2';
    const body = {
      ...{
        work: { s3Script: { url: 'ftp://x', commandLine: '' } },
        durationMinutes: 0,
        'a/b': 1,
        instanceId: INSTANCE,
      },
      ...{ grant: 'x', requester: 'root', reason: 7, output: { s3: 'S3://B' } },
    };
    const answer = await refused(path, body, { 'idempotency-key': 'not a key' });
    expectProblem(answer, 400, 'RequestInvalid', [
      ...['grant', 'instanceId', 'dryRun', 'Idempotency-Key'],
      ...['/work/s3Script/url', '/work/s3Script/commandLine', '/durationMinutes', '/output/s3', '/reason'],
      ...['/a~1b', '/instanceId', '/grant', '/requester'],
    ]);
    const detail = (at: string) => answer.body.errors.find(({ pointer }: { pointer: string }) => pointer === at).detail;
    expect([detail('/grant'), detail('/requester')]).toEqual([
      'belongs into the path',
      'is whoever signs the request; nobody can set it',
    ]);
  });
});

describe('trouble behind the API', () => {
  const failing = (error: AwsError, times = Number.POSITIVE_INFINITY) => {
    let left = times;
    return asking({
      intercept: async ({ operation, principal }, proceed) => {
        if (operation === 'StartExecution' && principal.name?.endsWith('-requestElevation') && left-- > 0) throw error;
        return proceed();
      },
    });
  };

  test.each<[string, AwsError, number, string, string | undefined]>([
    ['throttling', new AwsError('ThrottlingException', 'Rate exceeded'), 429, 'TooManyRequests', '2'],
    ['an outage', new AwsError('InternalFailure', 'sorry', 500), 503, 'Unavailable', '10'],
    [
      'a denial',
      new AwsError('AccessDeniedException', 'User: arn:… is not authorized', 400),
      500,
      'AwsAccessDenied',
      undefined,
    ],
    ['any other no', new AwsError('StateMachineDoesNotExist', 'arn:secret', 400), 500, 'AwsCallFailed', undefined],
  ])('%s is said so, without internals', async (_, error, status, title, retryAfter) => {
    const { start, log } = await failing(error);
    const answer = await start({ work: { shell: ['echo $PASSWORD_X7'] } });
    expectProblem(answer, status, title);
    expect(answer.headers['retry-after']).toBe(retryAfter);
    expect(JSON.stringify(answer.body)).not.toMatch(/arn:/);
    expect(JSON.stringify(log)).not.toContain('PASSWORD_X7');
    const counted = log.filter(({ message, UnexpectedErrors }) => message === 'metrics' && UnexpectedErrors === 1);
    expect(counted).toHaveLength(status === 500 ? 1 : 0);
  });

  test('throttling that passes is not told', async () => {
    const { start } = await failing(new AwsError('ThrottlingException', 'Rate exceeded'), 2);
    expect((await start()).status).toBe(202);
  });

  test('calls that take long end before API Gateway gives up', async () => {
    const { stage, start, ask } = await asking({
      intercept: async ({ operation, principal }, proceed) => {
        if (operation !== 'StartExecution' || !principal.name?.endsWith('-requestElevation')) return proceed();
        await stage.clock.sleep(12_000);
        throw new AwsError('InternalFailure', 'sorry', 500);
      },
    });
    await ask('GET', '/grants');
    const began = stage.clock.now();
    expectProblem(await start(), 503, 'Unavailable');
    expect(stage.clock.now() - began).toBeLessThan(28_000);
  });
});
