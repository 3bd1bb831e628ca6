import { describe, expect, test } from '@jest/globals';
import type { Launcher } from '../../local';
import { may } from '../support/may';
import { createStage, INSTANCE, makeProfile, request } from '../support/stage';

const READ = ['s3:GetObject', 'arn:aws:s3:::my-script-bucket/scripts/report.py'] as const;

const HUNG = new Promise<never>(() => undefined);

/** From the moment that the script was sent nothing of StepUp works any more: no function, no recovery, no sweep. */
const deadAfterSend = (launcher: Launcher): Launcher => {
  let dead = false;
  return {
    launch: (fn, environment) => {
      const running = launcher.launch(fn, environment);
      return {
        close: () => running.close(),
        invoke: async (event, context) => {
          if (dead) return HUNG;
          const answer = await running.invoke(event, context);
          dead = (event as { purpose?: string }).purpose === 'send';
          return answer;
        },
      };
    },
  };
};

describe('the grant', () => {
  test('is there during the work, with what the original allowed, and gone afterwards', async () => {
    const stage = await createStage();
    expect(may(stage, INSTANCE, READ)).toBe(false);
    const run = await stage.start(request({ shell: ['sleep 60'] }));
    await stage.pass(60);
    expect(may(stage, INSTANCE, READ)).toBe(true);
    expect(may(stage, INSTANCE, ['ssm:UpdateInstanceInformation', '*'])).toBe(true);
    expect(may(stage, INSTANCE, ['s3:GetObject', 'arn:aws:s3:::my-script-bucket/other'])).toBe(false);
    await stage.ended(run);
    await stage.pass(30);
    expect(may(stage, INSTANCE, READ)).toBe(false);
  });

  test('dies on time although all of StepUp is dead; the baseline stays', async () => {
    const stage = await createStage({ wrapLauncher: deadAfterSend });
    await stage.start(request({ shell: ['sleep 100000'] }, { durationMinutes: 10 }));
    await stage.pass(10 * 60);
    expect(may(stage, INSTANCE, READ)).toBe(true);
    // The work's ten minutes, and fifteen for what comes before and after it.
    await stage.pass(16 * 60);
    expect(may(stage, INSTANCE, READ)).toBe(false);
    expect(may(stage, INSTANCE, ['ssm:UpdateInstanceInformation', '*'])).toBe(true);
  });

  test('is worth nothing on another instance that carries the temp profile', async () => {
    const other = 'i-0fedcba9876543210';
    const stage = await createStage();
    await stage.during(makeProfile(stage.aws, 'other'));
    await stage.pass(30);
    stage.aws.world.ec2.addInstance({ id: other, profile: 'other' });
    await stage.start(request({ shell: ['sleep 600'] }));
    await stage.pass(60);
    const { world } = stage.aws;
    const profile = world.ec2.attachment(INSTANCE) as { profileArn: string };
    const { IamInstanceProfileAssociations: associations } = await world.asRoot(
      'ec2',
      'DescribeIamInstanceProfileAssociations',
      {},
    );
    const { AssociationId } = associations.find(({ InstanceId }: { InstanceId: string }) => InstanceId === other);
    await world.asRoot('ec2', 'ReplaceIamInstanceProfileAssociation', {
      AssociationId,
      IamInstanceProfile: { Arn: profile.profileArn },
    });
    await stage.pass(60);
    expect(world.imds.credentials(other)?.roleName).toBe(world.imds.credentials(INSTANCE)?.roleName);
    expect(may(stage, INSTANCE, READ)).toBe(true);
    for (const what of [READ, ['ssm:UpdateInstanceInformation', '*']] as const)
      expect(may(stage, other, what)).toBe(false);
  });
});
