import { resolve } from 'node:path';
import type { World } from '../world';
import { type Assembly, type Resource, readAssembly } from './assembly';
import { creators, type Deployment, isWithoutEffect, standIn } from './creators';
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
    if (isWithoutEffect(Type)) continue;
    if (!creators[Type]) throw new Error(`${id}: ${Type} is not supported`);
    if (Condition) throw new Error(`${id}: conditions are not supported`);
  }
  return { ...assembly, resources };
}

/**
 * Creates a stack in the embedded AWS, as CloudFormation would: everything, or an error.
 * @param from the folder of its assembly, or what was read there
 */
export async function deploy(world: World, from: string | Stack): Promise<void> {
  const { stackName, template, resources, assetFolder } = typeof from === 'string' ? readStack(from) : from;
  const resolver = new Resolver(world, stackName, template);
  const deployment: Deployment = { world, assetFolder, functions: new Map() };
  for (const [id, { Type, Properties = {} }] of resources) {
    const create = creators[Type] ?? standIn;
    const properties = resolver.resolve(Properties) as Record<string, unknown>;
    resolver.created.set(id, await create(deployment, generatedName(stackName, id), properties));
  }
  // Last, for a permission is a resource of its own, created after its function.
  for (const { latest, versions } of deployment.functions.values()) {
    for (const version of versions) world.lambda.putFunction({ ...latest, version });
    world.lambda.putFunction(latest);
  }
}

/** As CloudFormation names what has no name; at most the 64 characters of a role. */
const generatedName = (stackName: string, id: string): string => `${stackName}-${id}`.slice(0, 64);
