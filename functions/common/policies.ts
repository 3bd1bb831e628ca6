import {
  bind,
  type Catalogue,
  type Ceilings,
  type Grant,
  INHERIT,
  type PolicyDocument,
} from '../../state-machine/catalogue';
import type { Request } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { nearest } from '../../state-machine/nearest';
import { type OutputLocation, outputStatements } from '../../state-machine/output';
import type { ExecutionId } from './names';

/** Names of the inline policies of a temp role that are ours. */
export const CORE_POLICY = 'stepup-core';
export const GRANT_POLICY = 'stepup-grant';

/** Any one of these is SSM core: an original role that has it needs no second copy. */
export const SSM_CORE_POLICIES = ['AmazonSSMManagedInstanceCore', 'AmazonSSMManagedEC2InstanceDefaultPolicy'];

/**
 * EC2's name as a principal. AWS's guide for China has it with the suffix of that partition; everywhere else, whatever the
 * partition's suffix, it is the plain one (CDK's facts on regions).
 */
export const ec2Principal = (partition: string): string => `ec2.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;

/** Trust of a temp role: EC2, as of every instance's role. aws-facts-2 10.4: no further condition is documented to work there. */
export const ec2Trust = ({ partition }: Pick<ExecutionId, 'partition'>): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: ec2Principal(partition) }, Action: 'sts:AssumeRole' }],
  });

/** Puts the region, account and partition of a run in the place of what a release cannot know. */
export const localise = (policy: PolicyDocument, { partition, region, account }: ExecutionId): PolicyDocument =>
  bind(policy, { partition, region, account });

/** What a run is granted: its grant, and to write its own output where it is to go. */
export function grantPolicy(
  catalogue: Catalogue,
  { grant, instanceId }: Pick<Request, 'grant' | 'instanceId'>,
  output: OutputLocation | null,
): PolicyDocument {
  const { policy } = grantOf(catalogue, grant);
  return { ...policy, Statement: [...policy.Statement, ...outputStatements(output ? [output] : [], instanceId)] };
}

/** @throws StepUpError GrantNotFound, with the nearest name if there is one */
export function grantOf(catalogue: Catalogue, name: string): Grant {
  const grant = Object.hasOwn(catalogue.grants, name) ? catalogue.grants[name] : undefined;
  if (grant) return grant;
  const names = Object.keys(catalogue.grants);
  const near = nearest(name, names);
  throw new StepUpError(
    'GrantNotFound',
    `There is no grant '${name}'${near ? `; did you mean '${near}'?` : '.'} This release has: ${names.join(', ') || 'none'}.`,
  );
}

/** Minutes for a request that names none, if its grant allows as many. */
const DEFAULT_MINUTES = 30;

/** How long the work of a request may take. */
export const minutesOf = (
  { durationMinutes, grant }: Pick<Request, 'durationMinutes' | 'grant'>,
  catalogue: Catalogue,
): number => durationMinutes ?? Math.min(DEFAULT_MINUTES, grantOf(catalogue, grant).maxMinutes);

/**
 * Whose ceiling a request's temp role wears: the grant's, or that of INHERIT.
 * @throws StepUpError GrantNotFound, RequestInvalid when there is no `inherit`
 */
export function requireCeiling(catalogue: Catalogue, request: Pick<Request, 'grant' | 'baseline'>): string {
  grantOf(catalogue, request.grant);
  if (request.baseline === 'core') return request.grant;
  if (catalogue.inherit) return INHERIT;
  throw new StepUpError(
    'RequestInvalid',
    'Baseline \'inherit\' is switched off in this deployment: ask with "baseline": "core".',
  );
}

/** @throws Error when the function was deployed with another catalogue than its ceilings: CDK makes both from one */
export function ceilingName(ceilings: Ceilings, of: string): string {
  const name = Object.hasOwn(ceilings, of) ? ceilings[of] : undefined;
  if (name) return name;
  throw new Error(`This release has no ceiling of '${of}': deploy it again.`);
}
