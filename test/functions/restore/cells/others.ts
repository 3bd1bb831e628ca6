import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect } from '@jest/globals';
import { INSTANCE, request, type Stage } from '../../../support/stage';
import { somebodyDeletes, somebodyMakes, somebodyReplaces, somebodyTakesItOff } from '../../worlds';
import type { Cell } from '../cells';

/** Under the path of another deployment. */
const ANOTHERS = 'stepup-another';

async function replaceAtOnce({ aws: { world } }: Stage, Name: string): Promise<void> {
  const { IamInstanceProfileAssociations } = await world.asRoot('ec2', 'DescribeIamInstanceProfileAssociations', {});
  const [{ AssociationId }] = IamInstanceProfileAssociations;
  await world.asRoot('ec2', 'ReplaceIamInstanceProfileAssociation', { AssociationId, IamInstanceProfile: { Name } });
}

/** Other hands, and other elevations, at the instance's profile. */
export const OTHERS: Cell[] = [
  {
    name: 'somebody replaced the profile while the script ran',
    change: (stage) => somebodyReplaces(stage, 'theirs'),
    does: [],
    ends: ['Superseded', 'success'],
    says: 'Somebody attached ‹theirs› to i-… meanwhile: it was left there, ‹app› was not put back.',
    has: ['theirs associated'],
  },
  {
    name: 'somebody replaced the profile when the script had ended',
    atRestore: (stage) => replaceAtOnce(stage, 'theirs'),
    does: [],
    ends: ['success', 'success'],
    says: 'Somebody attached ‹theirs› to i-… meanwhile: it was left there, ‹app› was not put back.',
    has: ['theirs associated'],
  },
  {
    name: 'somebody replaced the profile of an instance that never had one',
    before: somebodyTakesItOff,
    change: (stage) => somebodyReplaces(stage, 'theirs'),
    does: [],
    ends: ['Superseded', 'success'],
    says: 'Somebody attached ‹theirs› to i-… meanwhile: it was left there.',
    has: ['theirs associated'],
  },
  {
    name: 'somebody removed the profile',
    change: somebodyTakesItOff,
    does: ['Associate'],
    ends: ['Superseded', 'success'],
    says: 'i-… was found without a profile. Whether by a step of ours that was cut short or by another hand cannot be told: it was given its original.',
    has: ['app associated'],
  },
  {
    name: 'somebody removed the profile, and attached theirs',
    change: async (stage) => {
      await somebodyTakesItOff(stage);
      await stage.pass(11);
      const IamInstanceProfile = { Name: 'theirs' };
      await stage.aws.world.asRoot('ec2', 'AssociateIamInstanceProfile', { InstanceId: INSTANCE, IamInstanceProfile });
    },
    does: [],
    ends: ['Superseded', 'success'],
    says: 'Somebody attached ‹theirs› to i-… meanwhile: it was left there, ‹app› was not put back.',
    has: ['theirs associated'],
  },
  {
    name: 'somebody has just removed the profile, and attaches theirs within seconds',
    atRestore: async ({ aws: { world }, clock }) => {
      world.delays.disassociating = 1;
      const { IamInstanceProfileAssociations } = await world.asRoot(
        'ec2',
        'DescribeIamInstanceProfileAssociations',
        {},
      );
      const [{ AssociationId }] = IamInstanceProfileAssociations;
      await world.asRoot('ec2', 'DisassociateIamInstanceProfile', { AssociationId });
      const theirs = { InstanceId: INSTANCE, IamInstanceProfile: { Name: 'theirs' } };
      void clock.sleep(8_000).then(() => world.asRoot('ec2', 'AssociateIamInstanceProfile', theirs));
      await clock.sleep(10);
    },
    does: [],
    ends: ['success', 'success'],
    says: 'Somebody attached ‹theirs› to i-… meanwhile: it was left there, ‹app› was not put back.',
    has: ['theirs associated'],
  },
  {
    name: 'somebody gave the original back',
    change: (stage) => somebodyReplaces(stage, 'app'),
    does: [],
    ends: ['Superseded', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
  },
  {
    name: "another elevation's profile is attached: it is waited for",
    change: async (stage) => {
      await somebodyMakes(stage, ANOTHERS, `/stepup/elevations/${INSTANCE}/Another/`);
      await stage.pass(60);
      await somebodyReplaces(stage, ANOTHERS);
    },
    meanwhile: async (stage, restoring) => {
      await stage.pass(1_800);
      const { status } = await stage.aws.world.asRoot('states', 'DescribeExecution', { executionArn: restoring });
      expect(status).toBe('RUNNING');
      await somebodyReplaces(stage, 'app');
    },
    does: [],
    ends: ['Superseded', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
  },
  {
    name: "another elevation's profile is attached, and the original was deleted",
    change: async (stage) => {
      await somebodyMakes(stage, ANOTHERS, `/stepup/elevations/${INSTANCE}/Another/`);
      await stage.pass(60);
      await somebodyReplaces(stage, ANOTHERS);
      await somebodyDeletes(stage, 'app');
    },
    does: [],
    ends: ['OriginalGone', 'OriginalGone'],
    says: '‹app› was deleted meanwhile: i-… keeps the profile of another elevation',
    has: ['stepup-another associated'],
  },
  {
    name: 'another elevation waits for the instance: it gets it afterwards',
    change: async (stage) => {
      const input = JSON.stringify(request({ shell: ['sleep 1500'] }, { waitForInstanceMinutes: 60 }));
      const next = { stateMachineArn: stage.machineArn('elevation'), name: 'next', input };
      await stage.during(stage.sfn.send(new StartExecutionCommand(next)));
    },
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›.',
    has: ["next's associated"],
  },
];
