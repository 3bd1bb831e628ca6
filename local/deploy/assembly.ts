import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
  Condition?: string;
  /** What happens to it when it is no longer wanted; default: Delete. */
  DeletionPolicy?: string;
  /** What happens to it when another one takes its place. */
  UpdateReplacePolicy?: string;
}

export interface Template {
  Parameters?: Record<string, { Default?: unknown }>;
  Resources: Record<string, Resource>;
}

/** One stack of a CDK cloud assembly. */
export interface Assembly {
  stackName: string;
  template: Template;
  /** Folders of the file assets, by the object key under which the template names them. */
  assets: Map<string, string>;
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
  const folders = assets.flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ objectKey }) => [objectKey, resolve(folder, source.path)] as const),
  );
  return {
    stackName: properties.stackName ?? id,
    template: read(properties.templateFile as string),
    assets: new Map(folders),
  };
}
