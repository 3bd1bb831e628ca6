import { tempName } from '../../functions/common/names';
import { INSTANCE } from '../support/deployed';
import type { Call, Trace } from './trace';

/** A temp role, as the calls that were carried out have made it. */
export interface Role {
  name: string;
  boundary: string | undefined;
  tags: Record<string, string>;
  /** Inline policies: name and document. */
  inline: Record<string, string>;
}

/** The instance, and everything under our path, at one instant. */
export interface State {
  /** ARN of the instance's profile. */
  attached: string | null;
  roles: Record<string, Role>;
  profiles: string[];
}

/** One change of the world, and how things stood before and after it. */
export interface Moment {
  at: number;
  /** Index of the call among all calls. */
  order: number;
  call: Call;
  before: State;
  after: State;
}

export const isTemp = (profileArn: string | null, runArn?: string): boolean =>
  profileArn?.includes(runArn ? `/${tempName(runArn)}` : '/stepup/elevations/') ?? false;

/**
 * Every instant at which a call changed something: the world retold from its calls alone, without asking the embedded AWS.
 * @param original ARN of the profile with which the instance began
 */
export function moments({ calls, acts }: Pick<Trace, 'calls' | 'acts'>, original: string | null): Moment[] {
  const found: Moment[] = [];
  let state: State = { attached: original, roles: {}, profiles: [] };
  // It takes its association with it, and that is no call.
  const terminated = acts.find(({ what, done }) => what === 'terminates' && done)?.at ?? Number.POSITIVE_INFINITY;
  for (const [order, call] of calls.entries()) {
    if (call.at > terminated) state = { ...state, attached: null };
    const change = call.error === undefined ? CHANGES[call.operation] : undefined;
    if (!change) continue;
    const after = { ...state, ...change(call, state) };
    found.push({ at: call.at, order, call, before: state, after });
    state = after;
  }
  return found;
}

type Change = (call: Call, state: State) => Partial<State>;
type Tag = { Key: string; Value: string };

const tagsOf = (tags: Tag[] = []) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
const attached: Change = ({ output }) => {
  const { InstanceId, IamInstanceProfile } = output.IamInstanceProfileAssociation;
  return InstanceId === INSTANCE ? { attached: IamInstanceProfile.Arn as string } : {};
};

/** Changes one role; none of ours is none of our business. */
const ofRole =
  (change: (role: Role, call: Call) => Partial<Role>): Change =>
  (call, { roles }) => {
    const role = roles[call.input.RoleName];
    return role ? { roles: { ...roles, [role.name]: { ...role, ...change(role, call) } } } : {};
  };

const without = <Value>(record: Record<string, Value>, key: string) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

const CHANGES: Record<string, Change | undefined> = {
  AssociateIamInstanceProfile: attached,
  ReplaceIamInstanceProfileAssociation: attached,
  DisassociateIamInstanceProfile: ({ output }) =>
    output.IamInstanceProfileAssociation.InstanceId === INSTANCE ? { attached: null } : {},
  CreateRole: ({ input }, { roles }) => {
    if (!input.Path?.startsWith('/stepup/elevations/')) return {};
    const { RoleName: name, PermissionsBoundary: boundary, Tags } = input;
    return { roles: { ...roles, [name]: { name, boundary, tags: tagsOf(Tags), inline: {} } } };
  },
  TagRole: ofRole(({ tags }, { input }) => ({ tags: { ...tags, ...tagsOf(input.Tags) } })),
  PutRolePolicy: ofRole(({ inline }, { input }) => ({
    inline: { ...inline, [input.PolicyName]: input.PolicyDocument },
  })),
  DeleteRolePolicy: ofRole(({ inline }, { input }) => ({ inline: without(inline, input.PolicyName) })),
  DeleteRole: ({ input }, { roles }) => ({ roles: without(roles, input.RoleName) }),
  CreateInstanceProfile: ({ input }, { profiles }) =>
    input.Path?.startsWith('/stepup/elevations/') ? { profiles: [...profiles, input.InstanceProfileName] } : {},
  DeleteInstanceProfile: ({ input }, { profiles }) => ({
    profiles: profiles.filter((name) => name !== input.InstanceProfileName),
  }),
  AttachRolePolicy: () => ({}),
  DetachRolePolicy: () => ({}),
  AddRoleToInstanceProfile: () => ({}),
  RemoveRoleFromInstanceProfile: () => ({}),
  SendCommand: () => ({}),
  CancelCommand: () => ({}),
};
