import type { Instance } from '@aws-sdk/client-ec2';
import { nearest } from '../../../state-machine/nearest';
import { type InstanceCheck, refuse } from './check';

/** Tag on an instance that lists the grants it may receive. */
export const ENROLMENT_TAG = 'stepup:grants';

/** The grants that an instance is enrolled for; undefined: it has no such tag. */
export const grantsOf = ({ Tags }: Instance): string[] | undefined =>
  Tags?.find(({ Key }) => Key === ENROLMENT_TAG)
    ?.Value?.split(/\s+/)
    .filter(Boolean);

export const exists: InstanceCheck = {
  id: 'instance',
  title: 'The instance exists',
  run: async ({ request: { instanceId }, instance }) => {
    if (!(await instance()))
      refuse('InstanceNotFound', `There is no instance ${instanceId} in this region: check the id and the region.`);
  },
};

export const enrolled: InstanceCheck = {
  id: 'enrolled',
  title: 'The instance is enrolled for the grant',
  run: async ({ request: { instanceId, grant }, instance }) => {
    const grants = grantsOf((await instance()) ?? {});
    if (grants === undefined) {
      return refuse(
        'InstanceNotEnrolled',
        `${instanceId} has no tag ${ENROLMENT_TAG}. To enrol it: aws ec2 create-tags --resources ${instanceId} --tags Key=${ENROLMENT_TAG},Value=${grant}`,
      );
    }
    if (!grants.includes(grant)) {
      const near = nearest(grant, grants);
      refuse(
        'GrantNotAllowedHere',
        `${instanceId} is enrolled for ${grants.join(', ') || 'no grant'}, not for '${grant}'${near ? ` (did you mean '${near}'?)` : ''}: add the name to its tag ${ENROLMENT_TAG}.`,
      );
    }
  },
};

export const running: InstanceCheck = {
  id: 'running',
  title: 'The instance is running',
  run: async ({ request: { instanceId }, instance }) => {
    const state = (await instance())?.State?.Name;
    if (state !== 'running')
      refuse(
        'InstanceNotRunning',
        `${instanceId} is ${state}: a profile can be swapped only while it runs. Start it and try again.`,
      );
  },
};

export const managed: InstanceCheck = {
  id: 'managed',
  title: 'Systems Manager manages the instance',
  run: async ({ request: { instanceId }, managed: find }) => {
    if (!(await find())) {
      refuse(
        'InstanceNotManaged',
        `Systems Manager does not know ${instanceId}: its role needs AmazonSSMManagedInstanceCore (or Default Host Management must be on), and SSM Agent must run on it.`,
      );
    }
  },
};

export const connected: InstanceCheck = {
  id: 'agent-connected',
  title: 'SSM Agent is connected now',
  run: async ({ request: { instanceId }, connected: isConnected }) => {
    if (!(await isConnected())) {
      refuse(
        'AgentOffline',
        `SSM Agent on ${instanceId} is not connected: restart it (sudo systemctl restart amazon-ssm-agent), or look at the instance's network.`,
      );
    }
  },
};
