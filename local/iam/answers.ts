import type * as Iam from '@aws-sdk/client-iam';
import { AwsError } from '../world';
import type { PolicyDocument } from './policyDocument';
import { withPrincipals } from './policyText';
import type { Entity, Identity, Policy, Profile, Role, State } from './store';
import { tagList } from './tags';

/** RFC 3986, as IAM returns documents. */
export const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/** A principal that is gone is shown by its unique id (aws-facts-2 10.4). */
export function shownTrust(state: State, { text, statements }: PolicyDocument): string {
  const alive = new Set([...state.roles.values(), ...state.users.values()].map((entity) => entity.id));
  const principals = statements.flatMap((statement) => statement.principals);
  const gone = principals.filter(({ id }) => id !== undefined && !alive.has(id));
  if (gone.length === 0) return encoded(text);
  const ids = new Map(gone.map(({ value, id }) => [value, id!]));
  return encoded(withPrincipals(text, (name) => ids.get(name) ?? name));
}

/** Only what was asked for and is there: AWS leaves empty tag lists out. */
const tagsOf = (entity: Entity) => (Object.keys(entity.tags).length > 0 ? { Tags: tagList(entity.tags) } : {});

/** As CreateRole answers it (aws-facts-2 18.1). */
export const newRole = (state: State, role: Role) => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: role.created,
  AssumeRolePolicyDocument: shownTrust(state, role.trust),
  ...tagsOf(role),
});

/** As instance profiles hold it. */
const containedRole = (state: State, role: Role): Iam.Role => newRole(state, { ...role, tags: {} });

/** As ListRoles holds it: no tags, no boundary. */
export const listedRole = (state: State, role: Role): Iam.Role => ({
  ...containedRole(state, role),
  Description: role.description,
  MaxSessionDuration: role.maxSessionDuration,
});

export const wholeRole = (state: State, role: Role): Iam.Role => ({
  ...listedRole(state, role),
  ...tagsOf(role),
  ...boundaryOf(role),
  RoleLastUsed: {},
});

/** AWS answers 'Policy', not the model's word. */
const boundaryOf = ({ boundary }: Identity) =>
  boundary === undefined
    ? {}
    : {
        PermissionsBoundary: {
          PermissionsBoundaryType: 'Policy' as Iam.PermissionsBoundaryAttachmentType,
          PermissionsBoundaryArn: boundary,
        },
      };

export const listedProfile = (state: State, profile: Profile): Iam.InstanceProfile => ({
  Path: profile.path,
  InstanceProfileName: profile.name,
  InstanceProfileId: profile.id,
  Arn: profile.arn,
  CreateDate: profile.created,
  Roles: profile.role === undefined ? [] : [containedRole(state, state.roles.get(profile.role)!)],
});

export const wholeProfile = (state: State, profile: Profile) => ({
  ...listedProfile(state, profile),
  ...tagsOf(profile),
});

export const listedUser = (user: Identity): Iam.User => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: user.arn,
  CreateDate: user.created,
});

export const wholeUser = (user: Identity) => ({ ...listedUser(user), ...tagsOf(user), ...boundaryOf(user) });

/** The roles and users that have a policy attached, and those whose boundary it is. */
export const holdersOf = ({ roles, users }: State, { arn }: Policy) => {
  const identities = [...roles.values(), ...users.values()];
  return {
    attached: identities.filter(({ attached }) => attached.includes(arn)),
    bounded: identities.filter(({ boundary }) => boundary === arn),
  };
};

/** As ListPolicies holds it: no description, no tags. */
export function listedPolicy(state: State, policy: Policy): Iam.Policy {
  const { attached, bounded } = holdersOf(state, policy);
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.version,
    AttachmentCount: attached.length,
    PermissionsBoundaryUsageCount: bounded.length,
    IsAttachable: true,
    CreateDate: policy.created,
    UpdateDate: policy.updated ?? policy.created,
  };
}

/** The place of a policy in a listing: one of AWS's and one of the account's may have the same name. */
export const byNameAndArn = ({ name, arn }: Policy) => `${name} ${arn}`;

export const wholePolicy = (state: State, policy: Policy): Iam.Policy => ({
  ...listedPolicy(state, policy),
  Description: policy.description,
  ...tagsOf(policy),
});

export const shownVersion = ({ version, created, updated }: Policy): Iam.PolicyVersion => ({
  VersionId: version,
  IsDefaultVersion: true,
  CreateDate: updated ?? created,
});

export interface Paging {
  Marker?: string;
  MaxItems?: number;
}

/** One page of `items`, which are sorted by `nameOf`; the marker is the last name that was given out. */
export function page<Item>(input: Paging, items: Item[], nameOf: (item: Item) => string) {
  const after = Buffer.from(input.Marker ?? '', 'base64').toString();
  if (Buffer.from(after).toString('base64') !== (input.Marker ?? '')) {
    throw new AwsError('ValidationError', 'Invalid Marker.'); // Unconfirmed: the text.
  }
  const sorted = items.map((item) => ({ item, name: nameOf(item) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const rest = sorted.filter(({ name }) => input.Marker === undefined || name > after);
  const given = rest.slice(0, input.MaxItems ?? 100);
  const IsTruncated = given.length < rest.length;
  const Marker = IsTruncated ? Buffer.from(given[given.length - 1]!.name).toString('base64') : undefined;
  return { items: given.map(({ item }) => item), more: { IsTruncated, Marker } };
}

export function tagPage({ tags }: Entity, input: Paging) {
  const { items, more } = page(input, tagList(tags), ({ Key }) => Key);
  return { Tags: items, ...more };
}
