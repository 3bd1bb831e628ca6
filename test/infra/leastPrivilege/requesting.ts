import { expect } from '@jest/globals';
import type { Finding } from '../../../state-machine/api';
import { putPolicy, SETTLED } from '../../functions/worlds';
import { type Answer, api } from '../../support/api';
import { createStage, INSTANCE, type Stage, type StageOptions } from '../../support/stage';
import { expectRestored } from './flows';
import type { Scenario } from './scenario';

const STARTS = `/grants/run-remote-script/instances/${INSTANCE}/elevations`;

interface Requesting {
  stage: Stage;
  ask: ReturnType<typeof api>['request'];
  started: Answer['body'];
}

/** An elevation that was asked for so many seconds ago. */
async function requested(options: StageOptions, body: object, seconds: number): Promise<Requesting> {
  const stage = await createStage(options);
  const { request: ask } = api(stage);
  const { status, body: started } = await ask('POST', STARTS, { body });
  expect(status).toBe(202);
  await stage.pass(seconds);
  return { stage, ask, started };
}

/** An instance of whose world the doctor has everything to look at. */
const DIAGNOSED: Scenario = {
  name: 'the doctor is told all that it asks',
  play: async (options) => {
    const stage = await createStage(options);
    const { world } = stage.aws;
    const statement = { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' };
    await putPolicy(stage, 'app', 'own', statement);
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const { Policy } = await world.asRoot('iam', 'CreatePolicy', { PolicyName: 'own', PolicyDocument });
    await world.asRoot('iam', 'AttachRolePolicy', { RoleName: 'app', PolicyArn: Policy.Arn });
    world.ssm.putAssociation({
      document: 'AWS-AttachIAMToInstance',
      targets: [{ key: 'ParameterValues', values: [INSTANCE] }],
      parameters: { RoleName: ['app'] },
    });
    await stage.pass(SETTLED);
    const { status, body } = await api(stage).request('GET', `/instances/${INSTANCE}`);
    expect(status).toBe(200);
    expect(body.findings.filter((one: Finding) => one.status === 'unknown')).toEqual([]);
  },
};

/** What requestElevation starts, shows and ends. */
export const REQUESTING: Scenario[] = [
  DIAGNOSED,
  {
    name: 'an elevation that was asked for by the API is shown, listed, released in its script, and recovered',
    play: async (options) => {
      const { stage, ask, started } = await requested(options, { work: { shell: ['sleep 3000'] } }, 200);
      expect((await ask('GET', '/elevations')).body.elevations).toEqual([started]);
      expect((await ask('POST', `${started.href}/release`)).body).toMatchObject({ outcome: { error: 'Released' } });
      await stage.pass(SETTLED);
      const [executionArn = ''] = await stage.recoveries();
      await stage.ended(executionArn);
      const { status, body } = await ask('GET', started.href);
      expect([status, body.recovery]).toEqual([200, { executionArn, status: 'SUCCEEDED' }]);
      await expectRestored(stage);
    },
  },
  {
    name: 'a hold that was asked for by the API is released by it',
    play: async (options) => {
      const { stage, ask, started } = await requested(options, { work: { hold: {} } }, 100);
      const { status, body } = await ask('POST', `${started.href}/release`);
      expect([status, body.hold?.released]).toEqual([202, expect.stringContaining('/requester/')]);
      expect((await stage.ended(body.executionArn)).status).toBe('SUCCEEDED');
      await stage.pass(SETTLED);
      await expectRestored(stage);
    },
  },
  {
    name: 'a key that was used for another request is told from it',
    play: async (options) => {
      const { ask } = await requested(options, { work: { hold: {} } }, 0);
      const headers = { 'idempotency-key': 'job-1' };
      const bodies = [{ work: { hold: {} } }, { work: { hold: {} } }, { work: { shell: ['x'] } }];
      const statuses: number[] = [];
      for (const body of bodies) statuses.push((await ask('POST', STARTS, { body, headers })).status);
      expect(statuses).toEqual([202, 202, 409]);
    },
  },
];
