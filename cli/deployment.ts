import { paginateListStateMachines, type SFNClient } from '@aws-sdk/client-sfn';
import { refused } from './failure';

/** A StepUp in the account and region that the AWS configuration names. */
export interface Deployment {
  name: string;
  /** ARNs of its two state machines. */
  elevation: string;
  recovery: string;
}

const ELEVATION = '-elevation';
const RECOVERY = '-recovery';

/**
 * Finds the deployment: the one of that name, or the only one that there is. It is known by its two machines.
 * @throws CommandFailure (refused) when there is none, or when there are several and none is named
 */
export async function findDeployment(sfn: SFNClient, wanted?: string): Promise<Deployment> {
  if (wanted?.startsWith('arn:')) return fromArn(wanted);
  const machines = new Map<string, string>();
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: sfn }, {})) {
    for (const { name = '', stateMachineArn = '' } of stateMachines) machines.set(name, stateMachineArn);
  }
  const deployments = [...machines].flatMap(([machine, elevation]): Deployment[] => {
    const name = machine.slice(0, -ELEVATION.length);
    const recovery = machines.get(`${name}${RECOVERY}`);
    return machine.endsWith(ELEVATION) && recovery ? [{ name, elevation, recovery }] : [];
  });
  const names = deployments.map(({ name }) => name).join(', ');
  if (deployments.length === 0) {
    throw refused('There is no StepUp in this account and region: look at AWS_REGION and AWS_PROFILE, or deploy one.');
  }
  const found = wanted ? deployments.find(({ name }) => name === wanted) : deployments[0];
  if (!found) throw refused(`There is no deployment '${wanted}' in this account and region. There is: ${names}.`);
  if (!wanted && deployments.length > 1) {
    throw refused(`There are several deployments: ${names}. Say which with --deployment or STEPUP_DEPLOYMENT.`);
  }
  return found;
}

/** For whoever may not list state machines. @throws CommandFailure (refused) */
function fromArn(elevation: string): Deployment {
  const [, prefix, name] = /^(arn:[^:]+:states:[^:]+:\d+:stateMachine:)(.+)-elevation$/.exec(elevation) ?? [];
  if (!name) throw refused(`'${elevation}' is not the ARN of an elevation machine.`);
  return { name, elevation, recovery: `${prefix}${name}${RECOVERY}` };
}

/**
 * The ARN of an execution of this deployment's elevation machine; the ARN of any execution is taken as it is.
 * @throws CommandFailure (refused) for another ARN
 */
export function executionArnOf({ elevation }: Deployment, nameOrArn: string): string {
  if (/^arn:[^:]+:states:[^:]+:\d+:execution:[^:]+:[^:]+$/.test(nameOrArn)) return nameOrArn;
  if (nameOrArn.startsWith('arn:')) throw refused(`'${nameOrArn}' is not the ARN of an execution.`);
  return `${elevation.replace(':stateMachine:', ':execution:')}:${nameOrArn}`;
}
