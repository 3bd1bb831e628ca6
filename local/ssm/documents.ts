import type { PlatformType } from '@aws-sdk/client-ssm';
import { AwsError, type SsmDocument, type World } from '../world';
import { SHIPPED_DOCUMENTS } from './shipped';

export interface ParameterSpec {
  type: 'String' | 'StringList';
  description?: string;
  default?: string | string[];
  allowedValues?: string[];
  allowedPattern?: string;
}

/** One step, whichever schema it was written in. */
export interface DocumentStep {
  name: string;
  action: string;
  inputs: Record<string, unknown>;
  /** The only precondition supported: `StringEquals: [platformType, …]`. */
  platform?: string;
  /** Folder of the step's output in S3, below the plugin's: aws-facts 4.3. */
  outputFolder: string;
}

export interface CommandDocument {
  name: string;
  owner: string;
  description?: string;
  schemaVersion: string;
  parameters: Record<string, ParameterSpec>;
  steps: DocumentStep[];
  platforms: PlatformType[];
}

export type Documents = Map<string, CommandDocument>;

interface MainStep {
  name: string;
  action: string;
  inputs?: Record<string, unknown>;
  precondition?: { StringEquals?: string[] };
}

interface Content {
  schemaVersion: string;
  description?: string;
  parameters?: Record<string, ParameterSpec>;
  mainSteps?: MainStep[];
  runtimeConfig?: Record<string, { properties: Record<string, unknown>[] }>;
}

const PLATFORMS: Record<string, PlatformType[]> = {
  'aws:runShellScript': ['Linux', 'MacOS'],
  'aws:runPowerShellScript': ['Windows', 'Linux', 'MacOS'],
  'aws:downloadContent': ['Windows', 'Linux', 'MacOS'],
};
const STEP_KEYS = ['name', 'action', 'inputs', 'precondition'];

/** @throws Error for anything in the document that the interpreter does not know */
export function loadDocument({ name, owner, content }: SsmDocument): CommandDocument {
  const document = content as unknown as Content;
  const refused = (what: string) => new Error(`Document ${name}: ${what} is not supported by the embedded AWS`);
  const parameters = document.parameters ?? {};
  const steps = stepsOf(document, refused);
  for (const [key, { type }] of Object.entries(parameters)) {
    if (type !== 'String' && type !== 'StringList') throw refused(`the type ${type} of parameter ${key}`);
  }
  for (const { action, inputs } of steps) {
    if (!PLATFORMS[action]) throw refused(`the action ${action}`);
    for (const [, key] of JSON.stringify(inputs).matchAll(/\{\{\s*([^\s}]+)\s*\}\}/g)) {
      if (!parameters[key!]) throw refused(`{{ ${key} }}, which is no parameter of it,`);
    }
  }
  const platforms = [...new Set(steps.flatMap((step) => PLATFORMS[step.action] ?? []))];
  const { description, schemaVersion } = document;
  return { name, owner, description, schemaVersion, parameters, steps, platforms };
}

function stepsOf(document: Content, refused: (what: string) => Error): DocumentStep[] {
  if (document.schemaVersion === '1.2') {
    return Object.entries(document.runtimeConfig ?? {}).flatMap(([action, { properties }]) =>
      properties.map((inputs) => ({ name: action, action, inputs, outputFolder: `0.${action.replace(':', '')}` })),
    );
  }
  if (!['2.0', '2.2'].includes(document.schemaVersion)) throw refused(`schemaVersion ${document.schemaVersion}`);
  return (document.mainSteps ?? []).map((step) => {
    const unknown = Object.keys(step).find((key) => !STEP_KEYS.includes(key));
    const { name, action, inputs = {}, precondition } = step;
    const [left, platform] = precondition?.StringEquals ?? [];
    if (unknown || (precondition && left !== 'platformType')) throw refused(unknown ?? 'that precondition');
    return { name, action, inputs, platform, outputFolder: name };
  });
}

export function shippedDocuments(): Documents {
  return new Map(SHIPPED_DOCUMENTS.map((document) => [document.name, loadDocument(document)]));
}

/** AWS's own documents have no account in their ARN: aws-facts-2 14.2. A request may name one by its ARN, too. */
export function documentArn({ partition, region, account }: World, documents: Documents, name: string): string {
  if (name.startsWith('arn:')) return name;
  const amazons = documents.get(name)?.owner === 'Amazon' || name.startsWith('AWS-');
  return `arn:${partition}:ssm:${region}:${amazons ? '' : account}:document/${name}`;
}

/** @throws AwsError InvalidDocument, InvalidDocumentVersion */
export function findDocument(world: World, documents: Documents, name: string, version = '$DEFAULT'): CommandDocument {
  const document = documents.get(name.replace(/^arn:.*:document\//, ''));
  const isIt = document && documentArn(world, documents, name) === documentArn(world, documents, document.name);
  if (!isIt) throw new AwsError('InvalidDocument', `Document with name ${name} does not exist.`);
  if (!['$DEFAULT', '$LATEST', '1'].includes(version)) {
    throw new AwsError('InvalidDocumentVersion', `Document version ${version} of ${name} does not exist.`);
  }
  return document;
}
