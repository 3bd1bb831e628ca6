import { describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import type { Intercept } from '../../local';
import type { World } from '../../local/world';
import { FIRST } from '../functions/midRun';
import { around } from '../support/faulty';
import { INSTANCE, request } from '../support/stage';
import { createScene } from './crowd';

type Right = [action: string, resource: string];

const ROLE = tempName(FIRST);
const GRANT: Right[] = [
  ['s3:GetObject', 'arn:aws:s3:::my-script-bucket/scripts/x'],
  ['s3:PutObject', 'arn:aws:s3:::my-script-bucket/output/x'],
];
const CORE: Right = ['ssm:UpdateInstanceInformation', '*'];

/** What no temp role may do, whatever its policies say. */
const NEVER: Right[] = [
  ['iam:CreateUser', 'arn:aws:iam::123456789012:user/x'],
  ['iam:PutRolePolicy', `arn:aws:iam::123456789012:role/stepup/elevations/${INSTANCE}/StepUp-us-east-1/${ROLE}`],
  ['iam:DeleteRolePermissionsBoundary', `arn:aws:iam::123456789012:role/${ROLE}`],
  ['states:StartExecution', 'arn:aws:states:us-east-1:123456789012:stateMachine:StepUp-us-east-1-elevation'],
  ['lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:123456789012:function:StepUp-us-east-1-restore'],
  ['cloudtrail:StopLogging', '*'],
];
/** What with `core` nobody may do either: it is neither core nor the grant. */
const NOT_IN_CORE: Right[] = [
  ['s3:GetObject', 'arn:aws:s3:::app-data/orders.csv'],
  ['s3:GetObject', 'arn:aws:s3:::my-script-bucket/elsewhere/x'],
  ['s3:DeleteObject', 'arn:aws:s3:::my-script-bucket/output/x'],
  ['ec2:TerminateInstances', `arn:aws:ec2:us-east-1:123456789012:instance/${INSTANCE}`],
  ['sts:AssumeRole', 'arn:aws:iam::123456789012:role/x'],
];

/** Looks before and after every AWS call, and every five seconds, at what all sessions of the temp role may do. */
function overseer(forbidden: Right[]) {
  const seen = { looks: 0, sessions: new Set<string>(), excesses: new Set<string>(), granted: 0 };
  let world: World | undefined;
  const may = (accessKeyId: string, [action, resource]: Right) => {
    const { principal } = world?.iam.accessKey(accessKeyId) ?? {};
    return principal !== undefined && world?.iam.evaluate(principal, action, resource).allowed === true;
  };
  const look = () => {
    const { roleName, credentials } = world?.imds.credentials(INSTANCE) ?? {};
    if (credentials && roleName === ROLE) seen.sessions.add(credentials.accessKeyId);
    for (const session of seen.sessions) {
      seen.looks += 1;
      for (const right of forbidden) if (may(session, right)) seen.excesses.add(right.join(' '));
      if (GRANT.every((right) => may(session, right)) && may(session, CORE)) seen.granted += 1;
    }
  };
  const intercept: Intercept = async (_, proceed) => {
    look();
    try {
      return await proceed();
    } finally {
      look();
    }
  };
  const watch = (on: World) => {
    world = on;
    const again = () => {
      look();
      on.clock.after(5_000, again);
    };
    again();
  };
  return { seen, intercept, watch };
}

const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

describe('nothing beyond the ceiling, at any instant from the swap until long after the run', () => {
  test.each([
    ['core', [...NEVER, ...NOT_IN_CORE]],
    ['inherit', NEVER],
  ])('baseline %s, although a function gone wrong allowed everything', async (baseline, forbidden) => {
    const { seen, intercept, watch } = overseer(forbidden);
    let world: World;
    const wrapLauncher = around('CreateTempRole', async (event, invoke) => {
      const answer = await invoke(event);
      const policy = { RoleName: ROLE, PolicyName: 'gone-wrong', PolicyDocument: EVERYTHING };
      await world.asRoot('iam', 'PutRolePolicy', policy);
      return answer;
    });
    const stage = await createScene({ intercept, wrapLauncher });
    world = stage.aws.world;
    watch(world);
    const run = await stage.start(request({ shell: ['sleep 300'] }, { baseline }));
    expect(await stage.ended(run)).toMatchObject({ status: 'SUCCEEDED' });
    await stage.pass(3_600);
    expect(seen.looks).toBeGreaterThan(1_000);
    expect(seen.granted).toBeGreaterThan(100);
    expect([...seen.excesses]).toEqual([]);
  });

  test('baseline core, with the policies that StepUp itself wrote', async () => {
    const { seen, intercept, watch } = overseer([...NEVER, ...NOT_IN_CORE]);
    const stage = await createScene({ intercept });
    watch(stage.aws.world);
    await stage.ended(await stage.start(request({ shell: ['sleep 300'] }, { baseline: 'core' })));
    await stage.pass(600);
    expect(seen.granted).toBeGreaterThan(100);
    expect([...seen.excesses]).toEqual([]);
  });
});
