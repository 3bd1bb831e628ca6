import type { Catalogue } from '../../../state-machine/catalogue';
import type { Request } from '../../../state-machine/document';
import { isWithin, nameOfLocation } from '../../../state-machine/output';
import { commandOf } from '../../../state-machine/work';
import { grantOf, minutesOf, requireCeiling } from '../policies';
import { outputOf } from '../request';
import { type Check, type InstanceCheck, refuse } from './check';
import { boundary, ceiling, inheritable } from './inheritanceChecks';
import { connected, enrolled, exists, managed, running } from './instanceChecks';
import { eksNode, oneRole, profile, restorable } from './originalChecks';
import { accountQuota, room } from './quotaChecks';
import { requester } from './requester';

/** aws-facts 4.2: its executionTimeout is at most 28,800 s. */
const LONGEST_REMOTE_SCRIPT_MINUTES = 480;

const grant: Check = {
  title: 'The grant exists and allows the duration, and the document or the hold',
  run: async ({ request, deps }) => {
    const { maxMinutes, documents } = grantOf(deps.catalogue, request.grant);
    requireCeiling(deps.catalogue, request);
    if (request.durationMinutes !== undefined && request.durationMinutes > maxMinutes) {
      refuse(
        'DurationTooLong',
        `Grant '${request.grant}' allows ${maxMinutes} minutes, ${request.durationMinutes} were asked for: ask for less, or raise its maxMinutes and deploy.`,
      );
    }
    const command = commandOf(request.work);
    if (!command) return requireHold(request, deps.catalogue);
    const { document } = command;
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

/** Who holds an elevation works with whatever is there, so that the grant's documents say nothing about it. */
function requireHold({ grant }: Request, catalogue: Catalogue): void {
  if (grantOf(catalogue, grant).hold !== false) return;
  refuse(
    'HoldNotAllowed',
    `Grant '${grant}' cannot be held: it says "hold": false. Ask with one of its documents (${grantOf(catalogue, grant).documents.join(', ')}), or use another grant.`,
  );
}

const output: Check = {
  title: 'The output goes where the configuration allows it',
  run: async ({ request, deps }) => {
    const wanted = outputOf(request, deps.config);
    const { outputLocations } = deps.config;
    if (!wanted || outputLocations.some((location) => isWithin(wanted, location))) return;
    const possible = outputLocations.map(nameOfLocation).join(', ');
    refuse(
      'OutputNotAllowed',
      possible
        ? `Output may go to ${possible}; ${nameOfLocation(wanted)} is not among that, nor below it. Ask for one of these, or add to outputLocations and deploy.`
        : `Output may go nowhere in this deployment: ask for none, or add ${nameOfLocation(wanted)} to outputLocations and deploy.`,
    );
  },
};

const document: Check = {
  title: 'The document exists and takes the parameters',
  run: async ({ request, deps, managed, document: describe }) => {
    const command = commandOf(request.work);
    if (!command) return;
    const { document: name, parameters } = command;
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

/** What must hold of the request itself: nothing is asked of AWS. */
export const OF_THE_REQUEST: Check[] = [grant, requester, output];

/** What must hold of the request and the instance, before it is asked whether the instance is free. */
export const ADMISSION: Check[] = [...OF_THE_REQUEST, exists, enrolled, running];

/** What must hold of an instance once it is free. */
const FREE: InstanceCheck[] = [
  eksNode,
  profile,
  oneRole,
  restorable,
  inheritable,
  boundary,
  ceiling,
  room,
  accountQuota,
];

/** What must hold once the instance is free. */
export const READINESS: Check[] = [managed, connected, document, ...FREE];

/** Of both, what is about the instance, in the same order. */
export const OF_THE_INSTANCE: InstanceCheck[] = [exists, enrolled, running, managed, connected, ...FREE];
