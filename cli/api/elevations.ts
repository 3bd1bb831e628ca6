import {
  type Elevation,
  type ElevationItem,
  elevationItemSchema,
  elevationNameSchema,
  elevationSchema,
  elevationsSchema,
} from '../../state-machine/api';
import { grantNameSchema, instanceIdSchema } from '../../state-machine/document';
import { CommandFailure, refused } from '../failure';
import type { Api } from './client';
import { ApiFailure } from './failure';

/** Which elevation: what its path is made of. */
export interface Address {
  instanceId: string;
  grant: string;
  name: string;
}

const elevationsPath = ({ instanceId, grant }: Pick<Address, 'instanceId' | 'grant'>) =>
  `/grants/${grant}/instances/${instanceId}/elevations`;
const pathOf = (address: Address): string => `${elevationsPath(address)}/${address.name}`;

/** The same key and request again are the same elevation. */
export function start(api: Api, key: string, request: object): Promise<ElevationItem> {
  const { instanceId, grant, ...body } = request as { instanceId: string; grant: string };
  return api.post(elevationsPath({ instanceId, grant }), elevationItemSchema, { key, body });
}

export const read = (api: Api, address: Address): Promise<Elevation> => api.get(pathOf(address), elevationSchema);

/** Safe to repeat; the elevation as it stands then. */
export const release = (api: Api, address: Address): Promise<Elevation> =>
  api.post(`${pathOf(address)}/release`, elevationSchema);

/** The largest page that the API gives. */
const LARGEST_PAGE = 50;

/** The latest ones first: of an instance, or all, which needs a permission of its own. */
export async function* list(
  api: Api,
  { instance, status, limit = LARGEST_PAGE }: { instance?: string; status?: string; limit?: number },
): AsyncGenerator<ElevationItem> {
  if (instance) checkInstance(instance);
  const path = instance ? `/instances/${instance}/elevations` : '/elevations';
  const query = { status, limit: String(Math.min(limit, LARGEST_PAGE)) };
  let next: string | undefined;
  do {
    const page = await api.get(path, elevationsSchema, { ...query, next });
    yield* page.elevations;
    next = page.next ?? undefined;
  } while (next);
}

/** How many are looked at to find one by its name. */
const MOST_LOOKED_AT = 1_000;

/**
 * Where an elevation is: by what is known of it, and the rest by looking through the lists.
 * @param name the name, or its execution's ARN
 * @throws CommandFailure (refused) when there is none
 */
export async function locate(
  api: Api,
  nameOrArn: string,
  { instance, grant }: { instance?: string; grant?: string },
): Promise<Address> {
  const name = nameOrArn.slice(nameOrArn.lastIndexOf(':') + 1);
  if (!elevationNameSchema.safeParse(name).success)
    throw refused(`'${nameOrArn}' is no name of a run: see \`stepup list\`.`);
  if (grant && !grantNameSchema.safeParse(grant).success) throw refused(`--grant: '${grant}' is no name of a grant.`);
  if (instance) checkInstance(instance);
  if (instance && grant) return { instanceId: instance, grant, name };
  let looked = 0;
  try {
    for await (const item of list(api, { ...(instance && { instance }) })) {
      if (item.name === name && (!grant || item.grant === grant)) return item;
      looked += 1;
      if (looked === MOST_LOOKED_AT) break;
    }
  } catch (error) {
    throw error instanceof ApiFailure && error.title === 'NotAuthorized' ? unlisted(error, name) : error;
  }
  const among = looked === MOST_LOOKED_AT ? ` among the latest ${looked}: give --instance and --grant` : '';
  throw refused(`There is no run '${name}'${among || ': see `stepup list`'}.`);
}

/** Whoever may follow and release a run need not be allowed to read a list. */
const unlisted = ({ exitCode }: ApiFailure, name: string): CommandFailure =>
  new CommandFailure(
    `To look for '${name}' a list has to be read, and IAM does not let you: give --instance and --grant, and none is needed.`,
    exitCode,
  );

function checkInstance(id: string): void {
  if (!instanceIdSchema.safeParse(id).success) throw refused(`--instance: '${id}' is no id of an EC2 instance.`);
}
