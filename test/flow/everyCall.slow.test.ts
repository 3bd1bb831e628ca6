import { expect, test } from '@jest/globals';
import { AwsError, ConnectionLost, type Intercept } from '../../local';
import type { InvokeResult, Launcher } from '../../local/world';
import { createStage, DEPLOYMENT, request, type StageOptions } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';

/** What can become of one AWS call of a function. `kill` ends the function that made it. */
type Fault = (proceed: () => Promise<unknown>, kill: () => void, service: string) => Promise<unknown>;

const never = () => new Promise<never>(() => undefined);
const throttle: Record<string, string> = { ec2: 'RequestLimitExceeded', iam: 'Throttling' };

const FAULTS: Record<string, Fault> = {
  throttled: async (_, __, service) => {
    throw new AwsError(throttle[service] ?? 'ThrottlingException', 'Rate exceeded', service === 'ec2' ? 503 : 400);
  },
  'failed with 500': async () => {
    throw new AwsError('InternalError', 'An internal error has occurred', 500);
  },
  'lost before it arrived': async () => {
    throw new ConnectionLost();
  },
  'done, its answer lost': async (proceed) => {
    await proceed();
    throw new ConnectionLost();
  },
  denied: async (_, __, service) => {
    throw new AwsError(service === 'ec2' ? 'UnauthorizedOperation' : 'AccessDenied', 'You are not authorized', 403);
  },
  'the function killed before it': async (_, kill) => {
    kill();
    return never();
  },
  'the function killed after it': async (proceed, kill) => {
    await proceed();
    kill();
    return never();
  },
};

/** A stage on which call number `at` of the functions meets the fault; 0: none does. */
function faultyStage(fault: Fault | undefined, at: number) {
  const seen = { calls: [] as string[], starts: 0 };
  const kills = new Map<string, () => void>();
  const intercept: Intercept = async ({ service, operation, principal, input }, proceed) => {
    const name = principal.name ?? '';
    const { DocumentName } = (input ?? {}) as { DocumentName?: string };
    const start = async () => {
      const answer = await proceed();
      if (operation === 'SendCommand' && DocumentName === 'AWS-RunShellScript') seen.starts += 1;
      return answer;
    };
    if (!name.startsWith(DEPLOYMENT) || name.endsWith('sweep') || /elevation$|recovery$/.test(name)) return start();
    seen.calls.push(`${name.slice(DEPLOYMENT.length + 1)} ${operation}`);
    if (seen.calls.length !== at || !fault) return start();
    return fault(start, () => kills.get(name)?.(), service);
  };
  const wrapLauncher = (launcher: Launcher): Launcher => ({
    launch: (fn, environment) => {
      const running = launcher.launch(fn, environment);
      return {
        close: () => running.close(),
        invoke: (event, context) => {
          const killed = new Promise<InvokeResult>((_, reject) => {
            kills.set(fn.name, () => reject(new Error('killed by the test')));
          });
          return Promise.race([running.invoke(event, context), killed]);
        },
      };
    },
  });
  const options: StageOptions = { intercept, wrapLauncher };
  return { seen, stage: createStage(options) };
}

/** Runs one elevation with one fault. @returns what is wrong afterwards */
async function violations(fault: Fault | undefined, at: number) {
  const { seen, stage: staging } = faultyStage(fault, at);
  const stage = await staging;
  const before = await stateOf(stage);
  const { status, output, error } = await stage.ended(await stage.start(request()));
  await stage.pass(1_800);
  const { rest, draining } = withoutDraining(await stateOf(stage));
  await stage.aws.close();
  const wrong: string[] = [];
  if (JSON.stringify(rest) !== JSON.stringify(before))
    wrong.push(`the world differs: ${JSON.stringify(rest.associations)} ${Object.keys(rest.roles)}`);
  if (Object.values(draining).some(({ inline }) => inline.includes('stepup-grant')))
    wrong.push('the grant is still there');
  if (seen.starts > 1) wrong.push(`the script was started ${seen.starts} times`);
  if (status === 'SUCCEEDED' && JSON.parse(output ?? '').script?.status !== 'Success')
    wrong.push('a success that was none');
  if (status === 'FAILED' && !error) wrong.push('a failure without a name');
  return { calls: seen.calls, wrong, end: `${status} ${error ?? ''}` };
}

test.each(Object.entries(FAULTS))(
  'every AWS call of an elevation, once: %s',
  async (name, fault) => {
    const { calls, wrong } = await violations(undefined, 0);
    expect(wrong).toEqual([]);
    const found: string[] = [];
    for (let at = 1; at <= calls.length; at += 1) {
      const result = await violations(fault, at);
      found.push(
        ...result.wrong.map((what) => `call ${at} (${result.calls[at - 1]}) ${name}: ${what}; ended ${result.end}`),
      );
    }
    expect(found).toEqual([]);
  },
  120_000,
);
