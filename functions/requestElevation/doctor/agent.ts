import type { Evidence } from './evidence';
import { ofThePreflight, ok } from './examination';
import { restartAgent, switchOn } from './remedies';
import { allowCore } from './rights';

export const managed = ofThePreflight(
  'managed',
  async (evidence) => {
    const found = await evidence.managed();
    // aws-facts-2 17.4: filled for what Default Host Management manages, not with an instance profile's role.
    if (found?.IamRole)
      return ok(
        `Systems Manager manages it by Default Host Management, with the role ${found.IamRole}; agent ${found.AgentVersion}.`,
      );
    const profile = (await evidence.now())?.profileArn;
    return ok(
      profile
        ? `Systems Manager manages it by its instance profile, ${profile}; agent ${found?.AgentVersion}.`
        : `Systems Manager knows it, agent ${found?.AgentVersion}, although it has no instance profile now.`,
    );
  },
  async (evidence) => {
    const allow = await allowCore(evidence);
    // Where nothing has to be allowed, Default Host Management has nothing to add.
    return [...allow, ...(allow.length > 0 ? await byHostManagement(evidence) : []), ...restartAgent];
  },
);

async function byHostManagement(evidence: Evidence): Promise<string[]> {
  const { role } = await evidence.hostManagement();
  return role ? ['Or see why Default Host Management, which is on, does not: host-management.'] : switchOn(evidence);
}

/** What SSM's list says of the agent, which is older than GetConnectionStatus (aws-facts 4.3). */
async function ping({ managed: find }: Evidence): Promise<string> {
  const found = await find();
  if (!found) return '';
  const last = found.LastPingDateTime?.toISOString();
  return ` (PingStatus is ${found.PingStatus}${last ? `, last ping ${last}` : ''}: it lags by minutes, and is not asked.)`;
}

const connection = ofThePreflight(
  'agent-connected',
  async (evidence) => ok(`The agent is connected.${await ping(evidence)}`),
  ({ instanceId }) => [
    ...restartAgent,
    `aws ssm get-connection-status --target ${instanceId}`,
    'If it stays so: does the instance reach ssm, ssmmessages and ec2messages of its region (VPC endpoints, security groups)?',
  ],
);

export const agentConnected = {
  ...connection,
  look: async (evidence: Evidence) => {
    const answer = await connection.look(evidence);
    return answer.status === 'ok' ? answer : { ...answer, finding: answer.finding + (await ping(evidence)) };
  },
};
