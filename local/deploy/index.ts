import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { World } from '../world';
import { createAnswers } from './answers';
import { type Assembly, type Resource, readAssembly } from './assembly';
import { type Context, type Existing, type Kind, kindOf, type Properties } from './kinds';
import { inOrder, Resolver } from './resolve';

/** The stack of a CDK cloud assembly, read once for any number of worlds. */
export interface Stack extends Assembly {
  /** Each after those that it speaks of. */
  resources: [string, Resource][];
}

/** @throws Error for what the embedded AWS has no room for */
export function readStack(assemblyFolder: string): Stack {
  const assembly = readAssembly(resolve(assemblyFolder));
  const resources = inOrder(assembly.template.Resources);
  for (const [id, { Type, Condition }] of resources) {
    if (!kindOf(Type)) throw new Error(`${id}: ${Type} is not supported`);
    if (Condition) throw new Error(`${id}: conditions are not supported`);
  }
  return { ...assembly, resources };
}

export interface DeployOptions {
  /** Custom resources count as created without their functions being asked: saves a new world the wait for IAM. */
  assumeCreated?: boolean;
}

export interface CloudFormation {
  /**
   * Creates a stack, or updates the one of that name, as CloudFormation would: everything, or an error and what was before.
   * @param from the folder of its assembly, or what was read there
   */
  deploy(from: string | Stack, options?: DeployOptions): Promise<void>;
  /**
   * Deletes a stack: the last one made first; what its policy retains stays.
   * @throws Error of the first resource that cannot be deleted; it and all that were made before it stay
   */
  destroy(stackName: string): Promise<void>;
  /** On virtual time: takes the answer of a custom resource's function. */
  putAnswer(url: string, answer: unknown): void;
}

/** CloudFormation takes a second or more to delete a resource: what else happens meanwhile is seen. */
const WORK_MS = 1_000;

/** A stack's resources by logical id, in the order in which they were made. */
type Resources = Map<string, Existing>;

/** Undoes one change. */
type Undo = () => Promise<unknown>;

export function createCloudFormation(world: World): CloudFormation {
  const stacks = new Map<string, Resources>();
  const assets = new Map<string, string>();
  const functions: Context['functions'] = new Map();
  const answers = createAnswers(world);
  const common = { world, assets, functions, answered: answers.answered };

  const named = new Map<string, number>();
  /** As CloudFormation names what has no name: never twice the same; at most the 64 characters of a role. */
  const findName = (stackName: string, logicalId: string): string => {
    const begins = `${stackName}-${logicalId}`.slice(0, 60);
    const count = (named.get(begins) ?? 0) + 1;
    named.set(begins, count);
    return count > 1 ? `${begins}-${count}` : begins;
  };

  const inStack =
    (stackName: string, assumeCreated = false) =>
    (
      logicalId: string,
      { type, name = findName(stackName, logicalId) }: { type: string; name: string | undefined },
    ): Context => ({
      ...common,
      ...{ stackName, assumeCreated, logicalId, type, name },
    });

  return {
    deploy: async (from, { assumeCreated } = {}) => {
      const { stackName, template, resources, ...stack } = typeof from === 'string' ? readStack(from) : from;
      for (const [objectKey, folder] of stack.assets) assets.set(objectKey, folder);
      const context = inStack(stackName, assumeCreated);
      const resolver = new Resolver(world, stackName, template);
      const before: Resources = stacks.get(stackName) ?? new Map();
      const after: Resources = new Map();
      const undo: Undo[] = [];
      try {
        for (const [id, resource] of resources) {
          const properties = resolver.resolve(resource.Properties ?? {});
          const now = await put(
            (name) => context(id, { type: resource.Type, name }),
            resource,
            properties,
            before.get(id),
            undo,
          );
          resolver.created.set(id, now);
          after.set(id, now);
        }
      } catch (error) {
        for (const step of undo.reverse()) await step();
        throw error;
      }
      stacks.set(stackName, after);
      for (const [id, existing] of [...before].reverse()) {
        const now = after.get(id);
        if (now?.type === existing.type && now.ref === existing.ref) continue;
        if (retains(now ? existing.updateReplacePolicy : existing.deletionPolicy)) continue;
        await world.clock.sleep(WORK_MS);
        await kindOf(existing.type)!.remove(context(id, existing), existing);
      }
    },
    destroy: async (stackName) => {
      const left: Resources = stacks.get(stackName) ?? new Map();
      for (const [id, existing] of [...left].reverse()) {
        const { type, deletionPolicy } = existing;
        if (!retains(deletionPolicy)) {
          await world.clock.sleep(WORK_MS);
          await kindOf(type)!.remove(inStack(stackName)(id, existing), existing);
        }
        left.delete(id);
      }
      stacks.delete(stackName);
    },
    putAnswer: answers.put,
  };
}

const retains = (policy: string | undefined): boolean => policy?.startsWith('Retain') ?? false;

/** Creates, updates, replaces, or leaves alone; adds to `undo` what takes that back. */
async function put(
  contextFor: (name: string | undefined) => Context,
  { Type: type, DeletionPolicy: deletionPolicy, UpdateReplacePolicy: updateReplacePolicy }: Resource,
  properties: Properties,
  before: Existing | undefined,
  undo: Undo[],
): Promise<Existing> {
  const kind = kindOf(type)!;
  const stays = before?.type === type && !isReplaced(kind, before.properties, properties);
  const context = contextFor(stays ? before.name : undefined);
  const now = { type, properties, deletionPolicy, updateReplacePolicy, name: context.name };
  if (!stays) {
    const created = { ...(await kind.create(context, properties)), ...now };
    // 'Retain' holds even here, and leaves what the next attempt may stumble over; 'RetainExceptOnCreate' does not.
    if (deletionPolicy !== 'Retain') undo.push(async () => kind.remove(context, created));
    return created;
  }
  if (isDeepStrictEqual(before.properties, properties)) return { ...before, ...now };
  const update = kind.update ?? ((_, __, wanted) => kind.create(context, wanted));
  // First of all: what failed half-way is taken back, too.
  undo.push(async () => update(context, { ...before, properties }, before.properties));
  return { ...(await update(context, before, properties)), ...now };
}

const isReplaced = ({ replacedBy }: Kind, before: Properties, after: Properties): boolean =>
  replacedBy.some((name) => !isDeepStrictEqual(before[name], after[name]));
