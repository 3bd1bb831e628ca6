import { virtualClock } from '../../../local/clock/virtual';
import { createIam } from '../../../local/iam';
import { createCall, rootPrincipal } from '../../../local/wire';
import { createIds, DEFAULT_ASSUMPTIONS, DEFAULT_DELAYS, type Principal, type World } from '../../../local/world';

export const ACCOUNT = '123456789012';
export const EC2_TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
export const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
export const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});

/** IAM alone, in virtual time; its operations called without a wire. */
export function iamWorld() {
  const clock = virtualClock();
  const base = {
    account: ACCOUNT,
    region: 'eu-west-1',
    partition: 'aws',
    clock,
    ids: createIds(),
    delays: { ...DEFAULT_DELAYS },
    assumptions: DEFAULT_ASSUMPTIONS,
  };
  const world = base as unknown as World;
  const iam = createIam(world);
  Object.assign(world, { iam });

  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  const callAs = async (principal: Principal, name: string, input: object): Promise<any> => {
    const operation = iam.operations.find((one) => one.name === name)!;
    return operation.run(createCall({ world, service: 'iam', input, principal, requestId: 'r' }));
  };
  return {
    clock,
    iam,
    callAs,
    root: (name: string, input: object = {}) => callAs(rootPrincipal(world), name, input),
    propagate: () => clock.run(clock.sleep(base.delays.iamPropagation)),
    /** A session of an existing role, as authorization sees it. */
    session: (roleName: string, options: Pick<Principal, 'sourceInstanceArn' | 'roleDelivery'> = {}) => {
      const lifetime = 3_600_000;
      const { accessKeyId } = iam.issueSession({ roleName, sessionName: 's', lifetime, ...options });
      return { accessKeyId, principal: iam.accessKey(accessKeyId)!.principal };
    },
  };
}
