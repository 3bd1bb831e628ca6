import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scheduleFile, scheduleFolder } from '../../support/scheduleFolder';
import { scratchFolder } from '../../support/scratch';
import type { StageOptions } from '../../support/stage';
import { synthWithCatalogue } from '../synth';
import type { Scenario } from './scenario';
import { SCHEDULE } from './scheduling';

const GRANT = 'run-remote-script.json';
const SHIPPED = join(__dirname, '..', '..', '..', 'infra', 'grants', GRANT);

/** A stack in whose configuration each list has one element, which the flows go by: of a second one nothing would be missed. */
export function narrowStack(): string {
  const grantsFolder = scratchFolder('grants');
  const grant = { ...JSON.parse(readFileSync(SHIPPED, 'utf8')), documents: ['AWS-RunShellScript'] };
  writeFileSync(join(grantsFolder, GRANT), JSON.stringify(grant));
  return synthWithCatalogue({
    grantsFolder,
    schedulesFolder: scheduleFolder({ [SCHEDULE.name]: scheduleFile({ schedule: SCHEDULE.at }) }),
    restorableRoles: ['arn:aws:iam::123456789012:role/app'],
    inheritablePolicies: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'],
    outputLocations: [{ s3: 's3://results/jobs' }],
  });
}

/** What a role asked IAM for, and was given. */
export interface Asked {
  role: string;
  action: string;
  resource: string;
}

/**
 * Plays a scenario on a stack.
 * @param folder of its assembly
 * @param code of the assembly whose catalogue the functions carry: they run from their sources
 * @throws what the scenario throws, when something is missing
 */
export async function play(scenario: Scenario, folder: string, code = folder): Promise<Asked[]> {
  const asked = new Map<string, Asked>();
  const options: StageOptions = {
    assembly: folder,
    wrapLauncher: ({ launch }) => ({ launch: (fn, ...more) => launch({ ...fn, code }, ...more) }),
    onWorld: ({ iam }) => {
      const { evaluate } = iam;
      iam.evaluate = (principal, action, resource, context) => {
        const decision = evaluate(principal, action, resource, context);
        const role = principal.name?.split('-').at(-1) ?? '';
        if (decision.allowed) asked.set(`${role} ${action} ${resource}`, { role, action, resource });
        return decision;
      };
    },
  };
  await scenario.play(options);
  return [...asked.values()];
}
