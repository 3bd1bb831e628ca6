import type { Catalogue, Grant } from '../state-machine/catalogue';
import { nearest } from '../state-machine/nearest';
import { isWithin, nameOfLocation, type OutputLocation } from '../state-machine/output';
import { overlap } from '../state-machine/patterns';
import type { ScheduledRequest } from '../state-machine/schedule';
import { commandOf } from '../state-machine/work';

/**
 * What the preflight would refuse of a scheduled request, whatever the instance: nobody is there when it is due.
 * @param arn of the schedule, with wildcards where synth does not know
 * @returns one line each, the field first
 */
export function scheduledRequestFaults(
  request: ScheduledRequest,
  arn: string,
  { catalogue, outputLocations }: { catalogue: Catalogue; outputLocations: OutputLocation[] },
): string[] {
  const grant = catalogue.grants[request.grant];
  return [
    ...(grant ? grantFaults(request, grant, arn) : [unknownGrant(request.grant, catalogue)]),
    ...(request.baseline === 'inherit' && !catalogue.inherit
      ? ["request.baseline: inherit is switched off in the configuration; write 'core'"]
      : []),
    ...outputFaults(request, outputLocations),
    ...(JSON.stringify(request).includes('<aws.scheduler.')
      ? ["request: has '<aws.scheduler.', in the place of which EventBridge Scheduler would put something else"]
      : []),
  ];
}

function unknownGrant(name: string, { grants }: Catalogue): string {
  const names = Object.keys(grants);
  const near = nearest(name, names);
  return `request.grant: there is no grant '${name}'${near ? `; did you mean '${near}'?` : `. There is: ${names.join(', ')}`}`;
}

function grantFaults(
  { grant: name, durationMinutes = 0, work }: ScheduledRequest,
  grant: Grant,
  arn: string,
): string[] {
  const { maxMinutes, documents, hold, requesters } = grant;
  const document = commandOf(work)?.document;
  const faults: string[] = [];
  if (durationMinutes > maxMinutes) {
    faults.push(`request.durationMinutes: grant '${name}' allows ${maxMinutes} minutes, not ${durationMinutes}`);
  }
  if (document === undefined && hold === false) faults.push(`request.work: grant '${name}' says "hold": false`);
  if (document !== undefined && !documents.includes(document)) {
    faults.push(`request.work: grant '${name}' allows ${documents.join(', ')}, not ${document}`);
  }
  if (requesters && !requesters.some((pattern) => mayAdmit(pattern, arn))) {
    faults.push(`request.grant: '${name}' is for ${requesters.join(', ')}; add ${arn} to its requesters`);
  }
  return faults;
}

/** A star of ours stands for one part that synth does not know; one of the pattern may stand for several. */
function mayAdmit(pattern: string, arn: string): boolean {
  const [theirs, ours] = [pattern.split(':'), arn.split(':')];
  if (theirs.length !== ours.length) return overlap(pattern, arn);
  return ours.every((part, at) => overlap(theirs[at] as string, part));
}

function outputFaults({ output, work }: ScheduledRequest, locations: OutputLocation[]): string[] {
  if (!output || 'hold' in work || locations.some((location) => isWithin(output, location))) return [];
  return [`request.output: ${nameOfLocation(output)} is not within the configuration's outputLocations`];
}
