import { nearest } from '../../../state-machine/nearest';
import { isWithin, nameOfLocation } from '../../../state-machine/output';
import { grantOf, minutesOf, requireCeiling } from '../policies';
import { outputOf } from '../request';
import { commandOf } from '../work';
import { type Check, refuse } from './check';
import { ceiling, inheritance, original, quotas } from './originalChecks';

/** Tag on an instance that lists the grants it may receive. */
const ENROLMENT_TAG = 'stepup:grants';

/** aws-facts 4.2: its executionTimeout is at most 28,800 s. */
const LONGEST_REMOTE_SCRIPT_MINUTES = 480;

const grant: Check = {
  title: 'The grant exists and allows the duration and the document',
  run: async ({ request, deps }) => {
    const { maxMinutes, documents } = grantOf(deps.catalogue, request.grant);
    requireCeiling(deps.catalogue, request);
    if (request.durationMinutes !== undefined && request.durationMinutes > maxMinutes) {
      refuse(
        'DurationTooLong',
        `Grant '${request.grant}' allows ${maxMinutes} minutes, ${request.durationMinutes} were asked for: ask for less, or raise its maxMinutes and deploy.`,
      );
    }
    const { document } = commandOf(request.work);
    if (document === 'AWS-RunRemoteScript' && (request.durationMinutes ?? 0) > LONGEST_REMOTE_SCRIPT_MINUTES) {
      refuse(
        'DurationTooLong',
        `AWS-RunRemoteScript runs for at most ${LONGEST_REMOTE_SCRIPT_MINUTES} minutes, ${request.durationMinutes} were asked for: use another document.`,
      );
    }
    if (!documents.includes(document)) {
      refuse(
        'DocumentNotAllowed',
        `Grant '${request.grant}' allows ${documents.join(', ')}; '${document}' is not among them. Add it to the grant's documents, or use another grant.`,
      );
    }
  },
};

const output: Check = {
  title: 'The output goes where the configuration allows it',
  run: async ({ request, deps }) => {
    const wanted = outputOf(request, deps.config);
    const { outputLocations } = deps.config;
    if (!wanted || outputLocations.some((location) => isWithin(wanted, location))) return;
    const possible = outputLocations.map(nameOfLocation).join(', ');
    refuse(
      'RequestInvalid',
      possible
        ? `Output may go to ${possible}; ${nameOfLocation(wanted)} is not among that, nor below it. Ask for one of these, or add to outputLocations and deploy.`
        : `Output may go nowhere in this deployment: ask for none, or add ${nameOfLocation(wanted)} to outputLocations and deploy.`,
    );
  },
};

const enrolment: Check = {
  title: 'The instance exists, is enrolled for the grant, and is running',
  run: async ({ request, instance }) => {
    const { instanceId } = request;
    const found = await instance();
    if (!found)
      return refuse(
        'InstanceNotFound',
        `There is no instance ${instanceId} in this region: check the id and the region.`,
      );
    const tag = found.Tags?.find(({ Key }) => Key === ENROLMENT_TAG)?.Value;
    if (tag === undefined) {
      return refuse(
        'InstanceNotEnrolled',
        `${instanceId} has no tag ${ENROLMENT_TAG}. To enrol it: aws ec2 create-tags --resources ${instanceId} --tags Key=${ENROLMENT_TAG},Value=${request.grant}`,
      );
    }
    const grants = tag.split(/\s+/).filter(Boolean);
    if (!grants.includes(request.grant)) {
      const near = nearest(request.grant, grants);
      refuse(
        'GrantNotAllowedHere',
        `${instanceId} is enrolled for ${grants.join(', ') || 'no grant'}, not for '${request.grant}'${near ? ` (did you mean '${near}'?)` : ''}: add the name to its tag ${ENROLMENT_TAG}.`,
      );
    }
    const state = found.State?.Name;
    if (state !== 'running')
      refuse(
        'InstanceNotRunning',
        `${instanceId} is ${state}: a profile can be swapped only while it runs. Start it and try again.`,
      );
  },
};

const agent: Check = {
  title: 'Systems Manager manages the instance and its agent is connected',
  run: async ({ request, managed, connected }) => {
    const { instanceId } = request;
    if (!(await managed())) {
      refuse(
        'InstanceNotManaged',
        `Systems Manager does not know ${instanceId}: its role needs AmazonSSMManagedInstanceCore (or Default Host Management must be on), and SSM Agent must run on it.`,
      );
    }
    if (!(await connected())) {
      refuse(
        'AgentOffline',
        `SSM Agent on ${instanceId} is not connected: restart it (sudo systemctl restart amazon-ssm-agent), or look at the instance's network.`,
      );
    }
  },
};

const document: Check = {
  title: 'The document exists and takes the parameters',
  run: async ({ request, deps, managed, document: describe }) => {
    const { document: name, parameters } = commandOf(request.work);
    const found = await describe(name);
    if (!found)
      return refuse('DocumentNotFound', `There is no document '${name}' in this account and region: check its name.`);
    if (found.DocumentType && found.DocumentType !== 'Command') {
      refuse(
        'DocumentNotAllowed',
        `'${name}' is a document of type ${found.DocumentType}: only Command documents run on an instance.`,
      );
    }
    const platform = (await managed())?.PlatformType;
    if (platform && found.PlatformTypes?.length && !found.PlatformTypes.includes(platform)) {
      refuse(
        'DocumentNotAllowed',
        `'${name}' runs on ${found.PlatformTypes.join(', ')}, and ${request.instanceId} is ${platform}: use a document for ${platform}.`,
      );
    }
    const known = (found.Parameters ?? []).map(({ Name = '' }) => Name);
    const unknown = Object.keys(parameters).filter((parameter) => !known.includes(parameter));
    // SSM tells an absent default from an empty one.
    const missing = (found.Parameters ?? []).filter(
      ({ Name = '', DefaultValue }) => DefaultValue === undefined && !(Name in parameters),
    );
    if (unknown.length > 0 || missing.length > 0) {
      refuse(
        'RequestInvalid',
        `'${name}' takes the parameters ${known.join(', ')}. Others in the request: ${unknown.length || 'none'}; missing: ${missing.map(({ Name }) => Name).join(', ') || 'none'}.`,
      );
    }
    const seconds = minutesOf(request, deps.catalogue) * 60;
    const [wanted] = parameters.executionTimeout ?? [];
    if (wanted !== undefined && !(Number(wanted) >= 1 && Number(wanted) <= seconds)) {
      refuse(
        'DurationTooLong',
        `executionTimeout is too long, or no number: give seconds, at most the ${seconds} of durationMinutes, or leave it out.`,
      );
    }
  },
};

/** What must hold of the request and the instance, before it is asked whether the instance is free. */
export const ADMISSION: Check[] = [grant, output, enrolment];

/** What must hold once the instance is free. */
export const READINESS: Check[] = [agent, document, original, inheritance, ceiling, quotas];
