import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutatedTemplate, writeAssembly } from '../../explore/mutations/apply';
import type { Template } from '../../explore/mutations/removal';
import { scratchFolder } from '../../support/scratch';
import { list, plain } from '../synth';

export interface Statement {
  Sid: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** A statement of a role, as synthesised. */
export interface Granted {
  /** Logical id. */
  roleId: string;
  /** As in the role's name, without the deployment: `restore`, `elevation`. */
  role: string;
  sid: string;
  actions: string[];
  /** With the intrinsic functions written out. */
  resources: string[];
  conditions: { operator: string; key: string }[];
}

function read(assembly: string): Template {
  const file = readdirSync(assembly).find((name) => name.endsWith('.template.json'))!;
  return JSON.parse(readFileSync(join(assembly, file), 'utf8'));
}

const statementsOf = ({ Resources }: Template, roleId: string): Statement[] =>
  Resources[roleId]!.Properties.Policies.flatMap(
    ({ PolicyDocument }: { PolicyDocument: { Statement: Statement[] } }) => PolicyDocument.Statement,
  );

/** All that the roles of a stack may do. @param assembly its folder */
export function granted(assembly: string): Granted[] {
  const stack = read(assembly);
  const roles = Object.entries(stack.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
  return roles.flatMap(([roleId, { Properties }]) =>
    statementsOf(stack, roleId).map(({ Sid, Action, Resource, Condition = {} }) => ({
      roleId,
      role: /([^->]+)$/.exec(plain(Properties.RoleName))![1]!,
      sid: Sid,
      actions: list(Action),
      resources: list(plain(Resource)) as string[],
      conditions: Object.entries(Condition).flatMap(([operator, keys]) =>
        Object.keys(keys).map((key) => ({ operator, key })),
      ),
    })),
  );
}

/** One thing less, or one thing more, in one statement. */
export interface Change {
  /** As in the name of its test. */
  what: string;
  granted: Granted;
  /** Of which action, if it is one's. */
  action?: string;
  apply(statement: Statement): Statement | undefined;
}

const without = (items: string | string[], item: string) => list(items).filter((other) => other !== item);

/** Every action of every statement, and every resource of those that have several. */
export const removals = (all: Granted[]): Change[] =>
  all.flatMap((one) => [
    ...one.actions.map((action) => ({
      what: `${one.role}: ${one.sid} without ${action}`,
      granted: one,
      action,
      apply: (statement: Statement) => {
        const Action = without(statement.Action, action);
        return Action.length > 0 ? { ...statement, Action } : undefined;
      },
    })),
    ...(one.resources.length < 2 ? [] : one.resources).map((resource, at) => ({
      what: `${one.role}: ${one.sid} not on ${resource}`,
      granted: one,
      action: one.actions[0]!,
      apply: (statement: Statement) => ({
        ...statement,
        Resource: list(statement.Resource).filter((_, i) => i !== at),
      }),
    })),
  ]);

/** Every condition away, and any resource instead of those that are named. */
export const widenings = (all: Granted[]): Change[] =>
  all.flatMap((one) => [
    ...one.conditions.map(({ operator, key }) => ({
      what: `${one.role}: ${one.sid} whatever ${key} (${operator})`,
      granted: one,
      apply: (statement: Statement) => {
        const { [key]: _, ...others } = statement.Condition![operator]!;
        return { ...statement, Condition: { ...statement.Condition, [operator]: others } };
      },
    })),
    ...(one.resources.includes('*') ? [] : [one]).map(() => ({
      what: `${one.role}: ${one.sid} on any resource`,
      granted: one,
      apply: (statement: Statement) => ({ ...statement, Resource: '*' }),
    })),
  ]);

/** @returns the folder of an assembly in which one statement is changed */
export function changed({ granted: { roleId, sid }, apply }: Change, assembly: string): string {
  const change = ({ Resources }: Template) => {
    for (const { PolicyDocument } of Resources[roleId]!.Properties.Policies) {
      PolicyDocument.Statement = PolicyDocument.Statement.flatMap((statement: Statement) =>
        statement.Sid === sid ? (apply(statement) ?? []) : statement,
      );
    }
  };
  const folder = scratchFolder('statements');
  const assets = readdirSync(assembly).filter((name) => name.startsWith('asset.'));
  writeAssembly(mutatedTemplate([{ change }], assembly)!, assembly, folder, assets);
  return folder;
}
