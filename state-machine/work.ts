import type { Work } from './document';

/** A command as SendCommand takes it. */
export interface CommandSpec {
  document: string;
  parameters: Record<string, string[]>;
}

/** The Command document behind a request's work; the short forms are AWS's own documents. Undefined: a hold runs none. */
export function commandOf(work: Work): CommandSpec | undefined {
  if ('hold' in work) return undefined;
  if ('script' in work) return { document: work.script.document, parameters: work.script.parameters ?? {} };
  if ('shell' in work) return { document: 'AWS-RunShellScript', parameters: { commands: work.shell } };
  if ('powershell' in work) return { document: 'AWS-RunPowerShellScript', parameters: { commands: work.powershell } };
  const { url, commandLine } = work.s3Script;
  return {
    document: 'AWS-RunRemoteScript',
    parameters: { sourceType: ['S3'], sourceInfo: [JSON.stringify({ path: url })], commandLine: [commandLine] },
  };
}
