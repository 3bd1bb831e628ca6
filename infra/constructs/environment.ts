import { Stack } from 'aws-cdk-lib';
import type { Settings } from '../config';
import type { FunctionName } from '../permissions';
import type { Scope } from '../permissions/permission';
import { LONGEST } from '../sizes';
import type { CeilingPolicy } from './ceilingPolicy';

export interface EnvironmentProps {
  name: FunctionName;
  deployment: string;
  settings: Settings;
  scope: Pick<Scope, 'arns'>;
  ceilings: CeilingPolicy[];
}

/** All environment variables of a function together, names and values. */
const LARGEST_ENVIRONMENT = 4096;

/** Of a state machine, as the API of Step Functions takes it. */
const LONGEST_ARN = 256;

/** They alone need the names of the release's ceilings: to put one on a role, and to know which have no use any more. */
const KNOWS_CEILINGS: FunctionName[] = ['createTempRole', 'sweep'];

/** They start elevations, and are not told by one which machine it is of; what they refuse, the runbook explains. */
const KNOWS_MACHINE: FunctionName[] = ['requestElevation'];

/**
 * What a function is told of its deployment. A published version keeps it, so that a run sees the release it began with.
 * @throws Error when Lambda would refuse it, with what takes the most room
 */
export function environmentOf({
  name,
  deployment,
  settings,
  scope,
  ceilings,
}: EnvironmentProps): Record<string, string> {
  const known = KNOWS_CEILINGS.includes(name) ? ceilings : undefined;
  const starting = (machine: string) =>
    KNOWS_MACHINE.includes(name) && { STEPUP_ELEVATION_MACHINE: machine, STEPUP_RUNBOOK: settings.runbookUrl };
  const environment = { ...variables(deployment, settings), ...starting(scope.arns.elevation.machine) };
  requireFit(name, {
    ...variables(LONGEST.deployment, settings),
    ...starting('x'.repeat(LONGEST_ARN)),
    ...(known && { STEPUP_CEILINGS: JSON.stringify(named(known, ({ longestName }) => 'x'.repeat(longestName))) }),
  });
  const [first] = known ?? [];
  if (!known || !first) return known ? { ...environment, STEPUP_CEILINGS: '{}' } : environment;
  return { ...environment, STEPUP_CEILINGS: Stack.of(first).toJsonString(named(known, (ceiling) => ceiling.name)) };
}

const variables = (deployment: string, settings: Settings): Record<string, string> => ({
  STEPUP_DEPLOYMENT: deployment,
  STEPUP_DRAIN_MINUTES: String(settings.drainMinutes),
  STEPUP_OUTPUT_LOCATIONS: JSON.stringify(settings.outputLocations),
  STEPUP_DEFAULT_OUTPUT: JSON.stringify(settings.defaultOutput ?? null),
  STEPUP_RESTORABLE_ROLES: JSON.stringify(settings.restorableRoles),
  STEPUP_INHERITABLE_POLICIES: JSON.stringify(settings.inheritablePolicies),
});

const named = (ceilings: CeilingPolicy[], nameOf: (ceiling: CeilingPolicy) => string): Record<string, string> =>
  Object.fromEntries(ceilings.map((ceiling) => [ceiling.of, nameOf(ceiling)]));

function requireFit(name: FunctionName, environment: Record<string, string>): void {
  const sizes = Object.entries(environment)
    .map(([variable, value]) => ({ variable, size: Buffer.byteLength(variable + value) }))
    .sort((a, b) => b.size - a.size);
  const size = sizes.reduce((sum, it) => sum + it.size, 0);
  if (size <= LARGEST_ENVIRONMENT) return;
  const most = sizes.slice(0, 3).map((it) => `${it.variable} (${it.size})`);
  throw new Error(
    `The environment of ${name} would have up to ${size} characters, Lambda allows ${LARGEST_ENVIRONMENT}. ` +
      `The largest part is ${most.join(', then ')}. STEPUP_CEILINGS has a name for each grant: use fewer grants or ` +
      'shorter names, or a second deployment; the others are as long as the configuration makes them.',
  );
}
