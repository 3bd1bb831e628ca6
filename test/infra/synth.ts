import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type StackProps } from 'aws-cdk-lib';
import { buildRelease } from '../../infra/catalogue';
import { type ConfigurationInput, configurationSchema } from '../../infra/config';
import { StepUpStack } from '../../infra/stepUp';
import { scratchFolder } from '../support/scratch';

// biome-ignore lint/suspicious/noExplicitAny: a template, parsed
type Json = any;

export interface Synthesised {
  folder: string;
  resources: Record<string, { Type: string; Properties: Json; Metadata?: Json; DeletionPolicy?: string }>;
  warnings: string[];
  /** The whole template's file. */
  templateFile: string;
  /** The construct tree that it came from. */
  stack: StepUpStack;
}

/** The stack in an assembly folder, the functions not bundled: that takes seconds, and bundle.test.ts does it. */
export function synth(configuration: Partial<ConfigurationInput> = {}, props: StackProps = {}): Synthesised {
  const app = new App({
    outdir: scratchFolder('synth'),
    context: { 'aws:cdk:bundling-stacks': [] },
    analyticsReporting: false,
  });
  const stack = new StepUpStack(app, configurationSchema.parse({ restorableRoles: ['*'], ...configuration }), props);
  const assembly = app.synth();
  const artifact = assembly.getStackArtifact(stack.artifactId);
  return {
    folder: assembly.directory,
    resources: JSON.parse(readFileSync(artifact.templateFullPath, 'utf8')).Resources,
    warnings: artifact.messages.filter(({ level }) => level === 'warning').map(({ entry }) => String(entry.data)),
    templateFile: artifact.templateFullPath,
    stack,
  };
}

/** An assembly of another configuration, to be deployed: its functions run from their sources, and find their catalogue. */
export function synthWithCatalogue(configuration: Partial<ConfigurationInput>): string {
  const { folder, stack } = synth(configuration);
  const { catalogue } = buildRelease(configurationSchema.parse({ restorableRoles: ['*'], ...configuration }));
  writeFileSync(join(folder, 'catalogue.json'), JSON.stringify(catalogue));
  const manifest = join(folder, `${stack.artifactId}.assets.json`);
  const assets = JSON.parse(readFileSync(manifest, 'utf8'));
  for (const { source } of Object.values<Json>(assets.files)) source.path = '.';
  writeFileSync(manifest, JSON.stringify(assets));
  return folder;
}

export const ofType = ({ resources }: Synthesised, type: string) =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);

/** A value with its intrinsic functions written out: `{Ref: X}` as <X>, GetAtt as <X.Arn>. */
export function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.Ref === 'string') return `<${value.Ref}>`;
  if (value['Fn::GetAtt']) return `<${value['Fn::GetAtt'].join('.')}>`;
  if (value['Fn::Join']) return plain(value['Fn::Join'][1]).join(value['Fn::Join'][0]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

export const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
