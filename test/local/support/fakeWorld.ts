import type { Clock } from '../../../local/clock';
import { wallClock } from '../../../local/clock';
import { createS3 } from '../../../local/s3';
import { createSts } from '../../../local/sts';
import { createCall, createWire, type Intercept, rootPrincipal } from '../../../local/wire';
import {
  type AccessKey,
  createIds,
  DEFAULT_ASSUMPTIONS,
  DEFAULT_DELAYS,
  type Decision,
  type Operation,
  type Principal,
  type World,
} from '../../../local/world';

export const ROOT = { accessKeyId: 'AKIAROOT', secretAccessKey: 'root-secret' };

export const SESSION = {
  accessKeyId: 'ASIASESSION',
  secretAccessKey: 'session-secret',
  sessionToken: 'session-token/with+signs=',
};

export const CALLER: Principal = {
  kind: 'assumed-role',
  arn: 'arn:aws:sts::123456789012:assumed-role/reader/i-1',
  userId: 'AROA1:i-1',
  issuedAt: 0,
  name: 'reader',
};

export interface FakeOptions {
  clock?: Clock;
  region?: string;
  /** Actions that CALLER may do; all others are denied. */
  allowed?: string[];
  evaluate?: (action: string, resource: string, context?: object) => Decision;
  trusts?: (roleName: string, who: Principal, context?: object) => 'named' | 'account' | false;
  role?: object;
  operations?: Operation[];
  intercept?: Intercept;
  wallTime?: () => number;
}

/** STS and S3 on a wire, with an IAM that says what the test wants. */
export function fakeAws(options: FakeOptions = {}) {
  const { clock = wallClock(), allowed = [], region = 'us-east-1' } = options;
  const keys = new Map<string, AccessKey>([[SESSION.accessKeyId, { ...SESSION, principal: CALLER }]]);
  const faults: unknown[] = [];
  const deny = (action: string): Decision => ({
    allowed: false,
    because: `because no identity-based policy allows the ${action} action`,
  });
  const iam = {
    rootKey: ROOT,
    accessKey: (id: string) => keys.get(id),
    evaluate: (_: Principal, action: string, resource: string, context?: object) =>
      options.evaluate?.(action, resource, context) ?? (allowed.includes(action) ? { allowed: true } : deny(action)),
    trusts: (role: string, who: Principal, context?: object) => options.trusts?.(role, who, context) ?? false,
    issueSession: ({
      roleName,
      sessionName,
      lifetime,
    }: {
      roleName: string;
      sessionName: string;
      lifetime: number;
    }) => {
      const arn = `arn:aws:sts::123456789012:assumed-role/${roleName}/${sessionName}`;
      const expiration = clock.now() + lifetime;
      const issued = { accessKeyId: 'ASIAISSUED', secretAccessKey: 'issued', sessionToken: 'issued-token', expiration };
      keys.set(issued.accessKeyId, { ...issued, principal: { ...CALLER, arn, userId: `AROA2:${sessionName}` } });
      return issued;
    },
  };
  const world = {
    account: '123456789012',
    region,
    partition: 'aws',
    clock,
    ids: createIds('test'),
    delays: DEFAULT_DELAYS,
    assumptions: DEFAULT_ASSUMPTIONS,
    endpoint: '',
    iam,
    asRoot: async (service: Operation['service'], name: string, input: object) => {
      if (name === 'GetRole') {
        if (!options.role) throw new Error('NoSuchEntity');
        return { Role: options.role };
      }
      const operation = operations.find((one) => one.name === name);
      return operation?.run(createCall({ world, service, input, principal: rootPrincipal(world), requestId: 'r' }));
    },
  } as unknown as World;
  const s3 = createS3(world);
  Object.assign(world, { s3 });
  const operations = [...s3.operations, ...createSts(world).operations, ...(options.operations ?? [])];
  const wire = createWire(world, operations, {
    intercept: options.intercept,
    onFault: (error) => faults.push(error),
    wallTime: options.wallTime ?? wallClock().now,
  });
  return { world, wire, keys, faults };
}
