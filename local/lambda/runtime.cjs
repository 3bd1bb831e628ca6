// The thread of one function instance: keeps the world's time, loads the bundle, answers one event at a time.
const os = require('node:os');
const path = require('node:path');
const timers = require('node:timers');
const timersPromises = require('node:timers/promises');
const { promisify } = require('node:util');
const { parentPort, workerData } = require('node:worker_threads');

const { code, speed, worldNow, realNow } = workerData;

// The developer's ~/.aws is none of the function's business; node asks the process, not the environment, for it.
os.homedir = () => code;

if (speed !== 1) scaleTime();

/** Makes Date and timers run `speed` times as fast, from the world's present. */
function scaleTime() {
  const realTime = Date.now;
  const now = () => Math.floor(worldNow + (realTime() - realNow) * speed);
  globalThis.Date = new Proxy(Date, {
    construct: (target, values, derived) => Reflect.construct(target, values.length === 0 ? [now()] : values, derived),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  const { setTimeout, setInterval } = timers;
  const sleep = timersPromises.setTimeout;
  const scaled =
    (set) =>
    (action, ms, ...values) =>
      set(action, (ms ?? 1) / speed, ...values);
  timersPromises.setTimeout = (ms, ...values) => sleep((ms ?? 1) / speed, ...values);
  timers.setTimeout = scaled(setTimeout);
  timers.setTimeout[promisify.custom] = timersPromises.setTimeout;
  timers.setInterval = scaled(setInterval);
  globalThis.setTimeout = timers.setTimeout;
  globalThis.setInterval = timers.setInterval;
}

/** Lambda's error object of a Node function. */
const describe = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

/** aws-facts-2 12.3: why a function could not even start. */
function initFailure(error) {
  if (error?.code === 'MODULE_NOT_FOUND') return { ...describe(error), errorType: 'Runtime.ImportModuleError' };
  if (error instanceof SyntaxError) return { ...describe(error), errorType: 'Runtime.UserCodeSyntaxError' };
  return describe(error);
}

function load() {
  const { handler } = require(path.join(code, 'index.js'));
  if (typeof handler === 'function') return { handler };
  const errorMessage = 'index.handler is undefined or not exported';
  return { failure: { errorType: 'Runtime.HandlerNotFound', errorMessage, trace: [] } };
}

let loaded;
try {
  loaded = load();
} catch (error) {
  loaded = { failure: initFailure(error) };
}

async function answer(event, { requestId, functionName, functionVersion, invokedArn, deadline }) {
  if (loaded.failure) return { functionError: loaded.failure };
  const context = {
    functionName,
    functionVersion,
    invokedFunctionArn: invokedArn,
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const result = await loaded.handler(event, context);
    return { payload: result === undefined ? null : JSON.parse(JSON.stringify(result)) };
  } catch (error) {
    return { functionError: describe(error) };
  }
}

parentPort.on('message', async ({ event, context }) => parentPort.postMessage(await answer(event, context)));
