import { afterEach, expect, test } from '@jest/globals';
import { createLocalAws } from '../../../local';
import { wallClock } from '../../../local/clock';
import { virtualClock } from '../../../local/clock/virtual';
import { workerLauncher } from '../../../local/lambda/worker';
import type { LambdaPort } from '../../../local/world';
import { ARN, bundle, CALLER, functionOf, lambdaWorld } from './harness';

const open: LambdaPort[] = [];
afterEach(async () => {
  for (const lambda of open.splice(0)) await lambda.close?.();
});

/** A function whose handler has `body`; returns how to invoke it. */
function worker(
  body: string,
  {
    speed = 1,
    timeout = 60,
    onLog,
  }: { speed?: number; timeout?: number; onLog?: (name: string, text: string) => void } = {},
) {
  const { lambda } = lambdaWorld(wallClock(speed), (world) => workerLauncher(world, { onLog }));
  open.push(lambda);
  const code = bundle(body.includes('exports') ? body : `exports.handler = async (event, context) => { ${body} };`);
  lambda.putFunction(functionOf({ code, timeout }));
  return (event: unknown = {}) => lambda.invoke(ARN, event, CALLER);
}

test('runs the bundle with the event and a context, and keeps it warm', async () => {
  const invoke = worker(`
    globalThis.calls = (globalThis.calls ?? 0) + 1;
    const { awsRequestId, getRemainingTimeInMillis, ...rest } = context;
    return { event, rest, calls: globalThis.calls, remaining: getRemainingTimeInMillis() > 50000, id: awsRequestId.length };`);
  const rest = { functionName: 'work', functionVersion: '7', invokedFunctionArn: ARN };
  expect(await invoke({ a: 1 })).toEqual({ payload: { event: { a: 1 }, rest, calls: 1, remaining: true, id: 36 } });
  expect(await invoke()).toMatchObject({ payload: { calls: 2 } });
});

test('sees no environment but its own, and no home folder of the developer', async () => {
  process.env.STEPUP_SECRET = 'of the developer';
  const invoke = worker(
    `return { names: Object.keys(process.env).sort(), home: require('node:os').homedir() === __dirname };`,
  );
  const result = await invoke();
  delete process.env.STEPUP_SECRET;
  const own = [
    'ACCESS_KEY_ID',
    'DEFAULT_REGION',
    'ENDPOINT_URL',
    'LAMBDA_FUNCTION_NAME',
    'LAMBDA_FUNCTION_VERSION',
    'REGION',
  ];
  const names = [...own, 'SECRET_ACCESS_KEY', 'SESSION_TOKEN'].map((name) => `AWS_${name}`);
  expect(result).toEqual({ payload: { names: [...names, 'COLOUR'], home: true } });
});

test('an error has Lambda’s form', async () => {
  const invoke = worker(`throw Object.assign(new Error('exit 7'), { name: 'ScriptFailed' });`);
  expect(await invoke()).toMatchObject({
    functionError: {
      errorType: 'ScriptFailed',
      errorMessage: 'exit 7',
      trace: expect.arrayContaining(['ScriptFailed: exit 7']),
    },
  });
});

test.each([
  ['process.exit(3);', 'Runtime exited with error: exit status 3'],
  ['process.exit(0);', 'Runtime exited without providing a reason'],
  [
    'setTimeout(() => { throw new Error("later"); }); await new Promise(() => {});',
    'Runtime exited with error: exit status 1',
  ],
])('%s is a crash, and the next invocation has a new instance', async (body, reason) => {
  const invoke = worker(`if (event.fine) return 'fine'; ${body}`);
  expect(await invoke()).toMatchObject({
    functionError: {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(`^RequestId: .{36} Error: ${reason}$`),
    },
  });
  expect(await invoke({ fine: true })).toEqual({ payload: 'fine' });
});

test.each([
  ["require('nothing-of-that-name'); exports.handler = 1;", 'Runtime.ImportModuleError'],
  ['exports.handler = (;', 'Runtime.UserCodeSyntaxError'],
  ['exports.other = 1;', 'Runtime.HandlerNotFound'],
])('%s cannot start', async (source, errorType) => {
  expect(await worker(source)()).toMatchObject({ functionError: { errorType } });
});

test('a function that takes too long is killed', async () => {
  const invoke = worker('if (event.fine) return 1; for (;;) {}', { speed: 100, timeout: 20 });
  expect(await invoke()).toMatchObject({ functionError: { errorType: 'Sandbox.Timedout' } });
  expect(await invoke({ fine: true })).toEqual({ payload: 1 });
});

test('a faster world is faster for its functions', async () => {
  const invoke = worker(
    `const begin = Date.now();
     await new Promise((resolve) => setTimeout(resolve, 10_000));
     await require('node:timers/promises').setTimeout(10_000);
     await require('node:util').promisify(setTimeout)(10_000);
     return { took: new Date() - begin, begin, real: new Date(0).getTime(), isDate: new Date() instanceof Date };`,
    { speed: 200 },
  );
  const start = Date.now();
  const result = (await invoke()) as { payload: { took: number; begin: number; real: number; isDate: boolean } };
  expect(result.payload).toMatchObject({ real: 0, isDate: true });
  expect(result.payload.took).toBeGreaterThanOrEqual(29_000);
  expect(Date.now() - start).toBeLessThan(10_000);
  expect(result.payload.begin).toBeGreaterThanOrEqual(start);
});

test('a function of a fast world keeps signing by its time, long after an answer', async () => {
  // 300 s, the skew at which the SDK sets its clock and AWS refuses, are a second here.
  const aws = createLocalAws({ clock: wallClock(300) });
  try {
    const environment = {
      AWS_REGION: aws.world.region,
      AWS_ENDPOINT_URL: await aws.listen(),
      AWS_ACCESS_KEY_ID: aws.world.iam.rootKey.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.world.iam.rootKey.secretAccessKey,
    };
    const code = bundle(`
      const { STSClient, GetCallerIdentityCommand } = require(${JSON.stringify(require.resolve('@aws-sdk/client-sts'))});
      const client = new STSClient({ maxAttempts: 1 });
      exports.handler = () => client.send(new GetCallerIdentityCommand({})).then(({ Arn }) => Arn);`);
    const running = workerLauncher(aws.world).launch(functionOf({ code }), () => environment);
    const context = { requestId: 'r', functionName: 'work', functionVersion: '1', invokedArn: ARN, deadline: Infinity };
    for (let calls = 0; calls < 2; calls += 1) {
      await aws.world.clock.sleep(600_000);
      expect(await running.invoke({}, context)).toEqual({ payload: `arn:aws:iam::${aws.world.account}:root` });
    }
    await running.close();
  } finally {
    await aws.close();
  }
});

test('output is captured', async () => {
  const lines: string[] = [];
  const invoke = worker(`console.log('to the log'); return 1;`, {
    onLog: (name, text) => lines.push(`${name}: ${text}`),
  });
  await invoke();
  for (let turn = 0; turn < 100 && lines.length === 0; turn++) await new Promise(setImmediate);
  expect(lines).toEqual(['work: to the log\n']);
});

test('a virtual clock is refused', async () => {
  const { lambda } = lambdaWorld(virtualClock(), (world) => workerLauncher(world));
  lambda.putFunction(functionOf({ code: bundle('') }));
  await expect(lambda.invoke(ARN, {}, CALLER)).rejects.toThrow('virtual clock');
});
