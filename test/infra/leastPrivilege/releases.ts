import { readdirSync } from 'node:fs';
import { expect } from '@jest/globals';
import { mutatedTemplate, writeAssembly } from '../../explore/mutations/apply';
import { HOUR } from '../../functions/sweeps';
import { scratchFolder } from '../../support/scratch';
import { createStage, DEPLOYMENT, request } from '../../support/stage';
import type { Scenario } from './scenario';

/** The same assembly, for the roles of others: as a release that takes the role that a run has to give back. */
function takingRoles(assembly: string): string {
  const folder = scratchFolder('release');
  const change = ({
    Resources,
  }: {
    Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  }) => {
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type === 'Custom::StepUpReleaseGuard') Properties.RestorableRoles = ['arn:aws:iam::123456789012:role/other'];
    }
  };
  const assets = readdirSync(assembly).filter((name) => name.startsWith('asset.'));
  writeAssembly(mutatedTemplate([{ change }], assembly)!, assembly, folder, assets);
  return folder;
}

/** What guardRelease looks at, before CloudFormation changes anything. */
export const RELEASES: Scenario[] = [
  {
    name: 'a release that takes a role which an open run has to give back is refused, by the name of the run',
    play: async (options) => {
      const stage = await createStage(options);
      const run = await stage.start(request({ shell: ['sleep 600'] }));
      await stage.pass(200);
      const deploying = stage.during(stage.aws.deploy(takingRoles(options.assembly!)));
      await expect(deploying).rejects.toThrow(`Run ${run} must give arn:aws:iam::123456789012:role/app back`);
    },
  },
  {
    name: 'a ceiling that no release wants and no role wears is remembered as such, and deleted after a day',
    play: async (options) => {
      const stage = await createStage(options);
      const { world } = stage.aws;
      const Path = `/stepup/ceilings/${DEPLOYMENT}/`;
      const PolicyDocument = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
      });
      await world.asRoot('iam', 'CreatePolicy', { PolicyName: 'of-an-earlier-release', Path, PolicyDocument });
      await stage.pass(30 * HOUR);
      const { Policies } = await world.asRoot('iam', 'ListPolicies', { Scope: 'Local', PathPrefix: Path });
      expect(Policies.length).toBeGreaterThan(0);
      expect(Policies.map(({ PolicyName }: { PolicyName: string }) => PolicyName)).not.toContain(
        'of-an-earlier-release',
      );
    },
  },
  {
    name: 'guardRelease writes to its own log group',
    play: async (options) => {
      const stage = await createStage(options);
      const { logGroups } = await stage.aws.world.asRoot('logs', 'DescribeLogGroups', {});
      const { logGroupName } = logGroups.find((group: { logGroupName: string }) =>
        /guardRelease/.test(group.logGroupName),
      );
      const { events } = await stage.aws.world.asRoot('logs', 'FilterLogEvents', { logGroupName });
      expect(events).not.toEqual([]);
    },
  },
];
