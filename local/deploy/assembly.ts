import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
  Condition?: string;
}

export interface Template {
  Parameters?: Record<string, { Default?: unknown }>;
  Resources: Record<string, Resource>;
}

/** One stack of a CDK cloud assembly. */
export interface Assembly {
  stackName: string;
  template: Template;
  /** The folder of a file asset, by the object key under which the template names it. */
  assetFolder(objectKey: string): string;
}

type Artifact = { type: string; properties: Record<string, string> };
type FileAsset = { source: { path: string }; destinations: Record<string, { objectKey: string }> };

/** @throws Error unless the assembly has exactly one stack */
export function readAssembly(folder: string): Assembly {
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const artifacts = Object.entries<Artifact>(read('manifest.json').artifacts);
  const stacks = artifacts.filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [stack] = stacks;
  if (!stack || stacks.length > 1) throw new Error(`${folder} has ${stacks.length} stacks; one is supported`);
  const [id, { properties }] = stack;
  const assets = artifacts
    .filter(([, { type }]) => type === 'cdk:asset-manifest')
    .flatMap(([, { properties }]) => Object.values<FileAsset>(read(properties.file as string).files));
  return {
    stackName: properties.stackName ?? id,
    template: read(properties.templateFile as string),
    assetFolder: (objectKey) => {
      const asset = assets.find((it) => Object.values(it.destinations).some((to) => to.objectKey === objectKey));
      if (!asset) throw new Error(`${folder} has no asset ${objectKey}`);
      return join(folder, asset.source.path);
    },
  };
}
