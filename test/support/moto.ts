import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  paginateGetExecutionHistory,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { AwsError } from '../../local/world';
import { definitionOf, type Ended, type Engine, type Invoke, type Run, telling } from './engine';

export interface Moto extends Engine {
  close(): Promise<void>;
}

/** Why there is no moto here; undefined when there is one. */
export function motoMissing(): string | undefined {
  const { status, error } = spawnSync('moto_server', ['--help'], { stdio: 'ignore' });
  if (status === 0) return undefined;
  return `moto_server ${error ? 'is not on the PATH' : 'does not run'} (pip install 'moto[server]')`;
}

/**
 * moto's Step Functions, a process on a loopback port, which invokes functions by asking `invoke` of the run. It wants an
 * account of its own for each run: a second StartExecution in one account is answered with 500.
 */
export async function startMoto(): Promise<Moto> {
  const invokers = new Map<string, Invoke>();
  const lambda = createLambdaEndpoint((arn, event) => invokers.get(accountOf(arn))!(arn, event));
  lambda.listen(0, '127.0.0.1');
  await once(lambda, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'stepup-moto-'));
  const port = await freePort();
  const child = spawnMoto(port, (lambda.address() as AddressInfo).port, folder);
  const endpoint = `http://127.0.0.1:${port}`;
  const close = async () => {
    lambda.closeAllConnections();
    lambda.close();
    if (child.exitCode === null && child.kill()) await once(child, 'exit');
    rmSync(folder, { recursive: true });
  };
  try {
    await configured(endpoint, child);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    run: (run) => {
      const client = clientOf(endpoint, run.account);
      const output = JSON.stringify(run.answer);
      const tell = async (taskToken: string) => {
        // Until it waits.
        await sleep(500);
        await client.send(new SendTaskSuccessCommand({ taskToken, output }));
      };
      invokers.set(run.account, run.answer ? telling(run.invoke, tell) : run.invoke);
      return execute(client, run);
    },
  };
}

const accountOf = (arn: string): string => arn.split(':')[4] as string;

/** Lambda's Invoke, and nothing else of Lambda. */
function createLambdaEndpoint(invoke: Invoke) {
  return createServer(async (request, response) => {
    const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
    if (request.method !== 'POST' || !name) return void response.writeHead(404).end();
    const body = Buffer.concat(await request.toArray()).toString();
    try {
      const result = await invoke(decodeURIComponent(name), JSON.parse(body));
      const failed = 'functionError' in result;
      response.writeHead(200, failed ? { 'X-Amz-Function-Error': 'Unhandled' } : {});
      response.end(JSON.stringify(failed ? result.functionError : result.payload));
    } catch (error) {
      const { status = 500, code = 'ServiceException', message } = error as Partial<AwsError>;
      response.writeHead(status, { 'X-Amzn-ErrorType': code });
      response.end(JSON.stringify({ Message: message }));
    }
  });
}

/** moto cannot be asked which port it chose. */
async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  await once(socket, 'close');
  return port;
}

/**
 * Runs in moto's Python before moto. Shortens the waits of Retry alone (time.sleep), so that 300 attempts take seconds;
 * and ends moto when the tests are killed.
 */
const SITE = `
import os, threading, time
sleep = time.sleep
time.sleep = lambda seconds: sleep(seconds / 10_000)
def follow(parent = os.getppid()):
    while os.getppid() == parent:
        sleep(1)
    os._exit(1)
threading.Thread(target = follow, daemon = True).start()
`;

function spawnMoto(port: number, lambdaPort: number, folder: string): ChildProcess {
  writeFileSync(join(folder, 'sitecustomize.py'), SITE);
  // moto takes MOTO_PORT for its own port, where it asks for what its state machines call.
  const env = { ...process.env, MOTO_PORT: String(lambdaPort), PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
  return spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { env, stdio: 'ignore' });
}

/** Waits until moto answers, and has it run state machines instead of only storing them. */
async function configured(endpoint: string, child: ChildProcess): Promise<void> {
  const body = JSON.stringify({ stepfunctions: { execute_state_machine: true } });
  for (let looks = 0; looks < 300; looks += 1) {
    if (child.exitCode !== null) throw new Error(`moto_server ended with exit code ${child.exitCode}`);
    const answer = await fetch(`${endpoint}/moto-api/config`, { method: 'POST', body }).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error('moto_server has not answered for half a minute');
}

function clientOf(endpoint: string, account: string): SFNClient {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new SFNClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  client.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: object }).headers, { 'x-moto-account-id': account });
      return next(args);
    },
    { step: 'build' },
  );
  return client;
}

async function execute(client: SFNClient, run: Run): Promise<Ended> {
  const roleArn = `arn:aws:iam::${run.account}:role/machine`;
  const name = `${run.deployment}-${run.machine}`;
  const definition = definitionOf(run);
  const { stateMachineArn } = await client.send(new CreateStateMachineCommand({ name, definition, roleArn }));
  const input = JSON.stringify(run.input);
  const start = new StartExecutionCommand({ stateMachineArn, name: 'run-1', input });
  const { executionArn } = await client.send(start);
  for (;;) {
    const { status, error, cause, output } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') {
      const states = await statesOf(client, executionArn as string);
      return { status: status as string, error, cause, output: output && JSON.parse(output), states };
    }
    await sleep(100);
  }
}

async function statesOf(client: SFNClient, executionArn: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { events = [] } of paginateGetExecutionHistory({ client }, { executionArn })) {
    names.push(...events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []));
  }
  return names;
}
