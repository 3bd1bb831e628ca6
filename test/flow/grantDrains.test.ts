import { expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import type { Credentials } from '../../local/world';
import { FIRST } from '../functions/midRun';
import { askIam } from '../support/bystanders';
import { INSTANCE, request, type Stage } from '../support/stage';
import { createScene } from './crowd';
import { type Attempt, all, attemptsOf, furnish, GRANTS, outcomes } from './grantActions';

/** What nothing allows on the stage: neither the original role, nor core, nor a grant. */
const BEYOND: [action: string, resource: string][] = [
  ['s3:GetObject', 'arn:aws:s3:::my-script-bucket/elsewhere/x'],
  ['s3:DeleteObject', 'arn:aws:s3:::my-script-bucket/output/x'],
  ['s3:PutObject', 'arn:aws:s3:::app-data/orders.csv'],
  ['iam:CreateRole', 'arn:aws:iam::123456789012:role/x'],
  ['sts:AssumeRole', 'arn:aws:iam::123456789012:role/x'],
  ['ec2:TerminateInstances', `arn:aws:ec2:us-east-1:123456789012:instance/${INSTANCE}`],
];

const asked = ({ aws: { world } }: Stage, action: string, resource: string): Attempt => ({
  what: `${action} ${resource}`,
  by: askIam(world, action, resource),
});

/** The credentials of the temp role, as the instance gets them during its run. */
async function credentialsInRun({ aws: { world }, clock }: Stage): Promise<Credentials> {
  for (;;) {
    const { roleName, credentials } = world.imds.credentials(INSTANCE) ?? {};
    if (credentials && roleName === tempName(FIRST)) return credentials;
    await clock.sleep(1_000);
  }
}

const cases = GRANTS.flatMap((grant) => ['inherit', 'core'].map((baseline) => [grant, baseline] as const));

test.each(cases)(
  '%s with %s: while its role drains it gives the baseline and nothing else',
  async (grant, baseline) => {
    const stage = await createScene();
    await furnish(stage.aws);
    const granted = attemptsOf(stage.aws, grant);
    const own = asked(stage, 's3:GetObject', 'arn:aws:s3:::app-data/orders.csv');
    const core = asked(stage, 'ssm:UpdateInstanceInformation', '*');
    const beyond = BEYOND.map(([action, resource]) => asked(stage, action, resource));
    const ends = (attempts: Attempt[]) => stage.during(outcomes(attempts, held));

    const run = await stage.start(request({ shell: ['sleep 60'] }, { grant, baseline }));
    const held = await stage.during(credentialsInRun(stage));
    expect(await ends(granted)).toEqual(all(granted, 'allowed'));
    expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });

    const ended = stage.clock.now();
    const { expiration } = held;
    for (const time of [ended, (ended + expiration) / 2, expiration - 1_000]) {
      await stage.pass((time - stage.clock.now()) / 1_000);
      expect(await ends([core])).toEqual(all([core], 'allowed'));
      expect(await ends([own])).toEqual(all([own], baseline === 'inherit' ? 'allowed' : 'AccessDenied'));
      expect(await ends([...granted, ...beyond])).toEqual(all([...granted, ...beyond], 'AccessDenied'));
    }
    await stage.pass(1);
    expect(await ends([core])).toEqual(all([core], 'ExpiredToken'));
  },
);
