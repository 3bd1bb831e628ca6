import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { wallClock } from '../../local';
import { describeWithAwsCli } from '../support/awsCli';
import { account, type Person, writeTrust } from './guide';

const INSTANCE = 'i-0123456789abcdef0';
const CORE = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
const INFORMATION = 'ssm describe-instance-information';
/** Minutes pass in tenths of a second. */
const SPEED = 600;
const minute = () => sleep(60_000 / SPEED);

/** Asks until something is managed. */
async function managed(owner: Person, looks = 20) {
  for (let look = 0; look < looks; look += 1) {
    const { InstanceInformationList } = await owner.prints(INFORMATION);
    if (InstanceInformationList.length > 0) return InstanceInformationList;
    await minute();
  }
  return [];
}

/** The guide up to the profile that holds the role. */
async function prepared() {
  const { aws, owner } = await account({ clock: wallClock(SPEED) });
  const trust = writeTrust('ec2-trust.json', { Service: 'ec2.amazonaws.com' });
  await owner.prints(`iam create-role --role-name role-for-ec2 --assume-role-policy-document ${trust}`);
  await owner.prints('iam create-instance-profile --instance-profile-name for-ec2');
  await owner.prints('iam add-role-to-instance-profile --instance-profile-name for-ec2 --role-name role-for-ec2');
  return { aws, owner, trust };
}

describeWithAwsCli('an instance profile for Systems Manager, by the AWS CLI', () => {
  test('the instance appears only once its role may what the agent needs', async () => {
    const { aws, owner } = await prepared();
    const both = writeTrust('both-trust.json', { Service: ['ec2.amazonaws.com', 'ssm.amazonaws.com'] });
    await owner.prints(`iam update-assume-role-policy --role-name role-for-ec2 --policy-document ${both}`);
    aws.world.ec2.addInstance({ id: INSTANCE });
    await owner.prints(`ec2 wait instance-status-ok --instance-ids ${INSTANCE}`);
    const { InstanceStatuses } = await owner.prints(`ec2 describe-instance-status --instance-ids ${INSTANCE}`);
    expect(InstanceStatuses).toMatchObject([{ InstanceStatus: { Status: 'ok' }, SystemStatus: { Status: 'ok' } }]);
    await minute();
    const { IamInstanceProfileAssociation: association } = await owner.prints(
      `ec2 associate-iam-instance-profile --instance-id ${INSTANCE} --iam-instance-profile Name=for-ec2`,
    );
    expect(association).toMatchObject({ InstanceId: INSTANCE, State: 'associating' });
    await minute();
    const described = await owner.prints(
      `ec2 describe-iam-instance-profile-associations --filters Name=instance-id,Values=${INSTANCE}`,
    );
    expect(described.IamInstanceProfileAssociations).toEqual([{ ...association, State: 'associated' }]);

    // A policy says what may be done, the trust policy who may become the role: of the former there is none yet.
    expect(await managed(owner, 3)).toEqual([]);
    expect(await owner.prints(`ssm get-connection-status --target ${INSTANCE}`)).toMatchObject({
      Status: 'notconnected',
    });
    const send = `ssm send-command --document-name AWS-RunShellScript --instance-ids ${INSTANCE} --parameters`;
    expect(await owner.refused(send, 'commands=uptime')).toMatchObject({ code: 'InvalidInstanceId' });

    await owner.prints(`iam attach-role-policy --role-name role-for-ec2 --policy-arn ${CORE}`);
    expect(await managed(owner)).toEqual([
      expect.objectContaining({ InstanceId: INSTANCE, PingStatus: 'Online', ResourceType: 'EC2Instance' }),
    ]);
  }, 60_000);

  test('one role per profile, and the same role in several profiles', async () => {
    const { owner, trust } = await prepared();
    await owner.prints(`iam create-role --role-name other --assume-role-policy-document ${trust}`);
    const add = 'iam add-role-to-instance-profile --instance-profile-name';
    const limit = {
      code: 'LimitExceeded',
      message: 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
    };
    expect(await owner.refused(`${add} for-ec2 --role-name other`)).toEqual(limit);
    // Not idempotent either.
    expect(await owner.refused(`${add} for-ec2 --role-name role-for-ec2`)).toEqual(limit);
    await owner.prints('iam create-instance-profile --instance-profile-name for-ec2-too');
    await owner.prints(`${add} for-ec2-too --role-name role-for-ec2`);
    const { InstanceProfiles } = await owner.prints('iam list-instance-profiles');
    const roles = InstanceProfiles.map(({ Roles }: { Roles: { RoleName: string }[] }) => Roles[0]?.RoleName);
    expect(roles).toEqual(['role-for-ec2', 'role-for-ec2']);
  }, 60_000);

  test('a profile without a role, and a role that EC2 may not assume: associated or not, nothing is managed', async () => {
    const { aws, owner } = await account({ clock: wallClock(SPEED) });
    const trust = writeTrust('ssm-trust.json', { Service: 'ssm.amazonaws.com' });
    await owner.prints(`iam create-role --role-name role-for-ec2 --assume-role-policy-document ${trust}`);
    await owner.prints(`iam attach-role-policy --role-name role-for-ec2 --policy-arn ${CORE}`);
    await owner.prints('iam create-instance-profile --instance-profile-name for-ec2');
    aws.world.ec2.addInstance({ id: INSTANCE });
    await minute();
    await owner.prints(
      `ec2 associate-iam-instance-profile --instance-id ${INSTANCE} --iam-instance-profile Name=for-ec2`,
    );
    expect(await managed(owner, 2)).toEqual([]);
    await owner.prints('iam add-role-to-instance-profile --instance-profile-name for-ec2 --role-name role-for-ec2');
    expect(await managed(owner, 2)).toEqual([]);
  }, 60_000);

  test('names that are taken or not there', async () => {
    const { owner, trust } = await prepared();
    const create = `iam create-role --role-name role-for-ec2 --assume-role-policy-document ${trust}`;
    expect(await owner.refused(create)).toEqual({
      code: 'EntityAlreadyExists',
      message: 'Role with name role-for-ec2 already exists.',
    });
    const attach = `iam attach-role-policy --role-name roleforec2 --policy-arn ${CORE}`;
    expect(await owner.refused(attach)).toEqual({
      code: 'NoSuchEntity',
      message: 'The role with name roleforec2 cannot be found.',
    });
    const remove = 'iam delete-instance-profile --instance-profile-name for-ec2';
    expect(await owner.refused(remove)).toEqual({
      code: 'DeleteConflict',
      message: 'Cannot delete entity, must remove roles from instance profile first.',
    });
  }, 60_000);
});
