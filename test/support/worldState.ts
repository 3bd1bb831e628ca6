import { paginateDescribeIamInstanceProfileAssociations } from '@aws-sdk/client-ec2';
import {
  GetRoleCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  paginateListInstanceProfiles,
  paginateListRoles,
} from '@aws-sdk/client-iam';
import { ListCommandsCommand } from '@aws-sdk/client-ssm';
import { INSTANCE, type Stage } from './stage';

/** What anybody can see of IAM, of the instance's profile and of commands that still run. */
export interface WorldState {
  roles: Record<string, { attached: string[]; inline: string[]; tags: Record<string, string> }>;
  profiles: Record<string, string[]>;
  associations: { profile: string; state: string }[];
  running: number;
}

export const stateOf = (stage: Stage): Promise<WorldState> => stage.during(readWorld(stage));

export async function readWorld({ ec2, iam, ssm }: Pick<Stage, 'ec2' | 'iam' | 'ssm'>): Promise<WorldState> {
  const state: WorldState = { roles: {}, profiles: {}, associations: [], running: 0 };
  for await (const { Roles = [] } of paginateListRoles({ client: iam }, {})) {
    for (const { RoleName } of Roles) state.roles[RoleName as string] = await readRole(iam, RoleName as string);
  }
  for await (const { InstanceProfiles = [] } of paginateListInstanceProfiles({ client: iam }, {})) {
    for (const { Arn, Roles = [] } of InstanceProfiles)
      state.profiles[Arn as string] = Roles.map(({ RoleName }) => RoleName as string);
  }
  for await (const page of paginateDescribeIamInstanceProfileAssociations({ client: ec2 }, {})) {
    for (const { IamInstanceProfile, State } of page.IamInstanceProfileAssociations ?? []) {
      state.associations.push({ profile: IamInstanceProfile?.Arn as string, state: State as string });
    }
  }
  const executing = new ListCommandsCommand({
    InstanceId: INSTANCE,
    Filters: [{ key: 'ExecutionStage', value: 'Executing' }],
  });
  state.running = (await ssm.send(executing)).Commands?.length ?? 0;
  return state;
}

async function readRole(iam: IAMClient, RoleName: string) {
  const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  const tags = Object.fromEntries((Role?.Tags ?? []).map(({ Key, Value }) => [Key as string, Value as string]));
  return { attached: AttachedPolicies.map(({ PolicyArn }) => PolicyArn as string), inline: PolicyNames, tags };
}

/** The world without the roles that drain, and those roles. */
export function withoutDraining(state: WorldState) {
  const isDraining = (name: string) => state.roles[name]?.tags['stepup:draining-since'] !== undefined;
  const entries = Object.entries(state.roles);
  return {
    rest: { ...state, roles: Object.fromEntries(entries.filter(([name]) => !isDraining(name))) },
    draining: Object.fromEntries(entries.filter(([name]) => isDraining(name))),
  };
}
