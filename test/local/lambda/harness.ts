import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../local/clock';
import { createLambda, type LambdaOptions } from '../../../local/lambda';
import {
  AwsError,
  createIds,
  DEFAULT_DELAYS,
  type Decision,
  type FunctionDefinition,
  type Launcher,
  type Principal,
  type QueueMessage,
  type ServiceCaller,
  type World,
} from '../../../local/world';
import { scratchFolder } from '../../support/scratch';

export const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:work';
export const CALLER: Principal = {
  kind: 'assumed-role',
  arn: 'arn:aws:sts::111122223333:assumed-role/r/s',
  userId: 'A:s',
  issuedAt: 0,
};

export const functionOf = (fields: Partial<FunctionDefinition> = {}): FunctionDefinition => ({
  name: 'work',
  arn: ARN,
  version: '7',
  environment: { COLOUR: 'blue' },
  roleName: 'work-role',
  timeout: 60,
  code: '/nowhere',
  permissions: [],
  ...fields,
});

/** A folder with a bundle. */
export function bundle(source: string): string {
  const code = scratchFolder('bundle');
  writeFileSync(join(code, 'index.js'), source);
  return code;
}

/** A world of Lambda alone. */
export function lambdaWorld(clock: Clock, launcherOf: (world: World) => Launcher, options: LambdaOptions = {}) {
  const asked: string[] = [];
  const sent: { queue: string; message: QueueMessage; sender: Principal | ServiceCaller }[] = [];
  let sessions = 0;
  let decision: Decision = { allowed: true };
  const world = {
    account: '111122223333',
    region: 'eu-west-1',
    partition: 'aws',
    clock,
    ids: createIds(),
    delays: DEFAULT_DELAYS,
    endpoint: 'http://127.0.0.1:4711',
    iam: {
      trusts: (roleName: string) => roleName !== 'untrusting-role' && 'named',
      issueSession: ({ roleName, sessionName }: { roleName: string; sessionName: string }) => ({
        accessKeyId: `ASIA${++sessions}`,
        secretAccessKey: `${roleName}/${sessionName}`,
        sessionToken: 'token',
        expiration: 0,
      }),
      accessKey: (id: string) => ({ principal: { ...CALLER, arn: `as ${id}` } }),
      evaluate: (_principal: Principal, action: string, resource: string) => {
        asked.push(`${action} ${resource}`);
        return decision;
      },
    },
    sqs: {
      send: (queue: string, message: QueueMessage, sender: Principal | ServiceCaller) => {
        sent.push({ queue, message, sender });
        if (!decision.allowed) throw new AwsError('AccessDenied', decision.because, 403);
      },
    },
  } as unknown as World;
  const lambda = createLambda(world, launcherOf(world), options);
  const deny = (because: string) => {
    decision = { allowed: false, because };
  };
  return { lambda, asked, sent, deny };
}
