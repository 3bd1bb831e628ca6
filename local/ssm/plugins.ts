import { isAbsolute, join } from 'node:path';
import type { DocumentStep } from './documents';
import { executionTimeout } from './parameters';
import { download } from './s3';
import type { Ssm, StepRun } from './state';

export type StepResult = Pick<StepRun, 'statusDetails' | 'responseCode' | 'stdout' | 'stderr'> & {
  status: 'Success' | 'Failed' | 'Cancelled' | 'TimedOut';
};

export interface StepContext {
  ssm: Ssm;
  instanceId: string;
  home: string;
  /** Where relative paths of a document lie, and its scripts run. */
  downloads: string;
  stop: AbortSignal;
}

const failed = (responseCode: number, stdout: string, stderr: string): StepResult => {
  return { status: 'Failed', statusDetails: 'Failed', responseCode, stdout, stderr };
};
const succeeded = (stdout: string, stderr = ''): StepResult => {
  return { status: 'Success', statusDetails: 'Success', responseCode: 0, stdout, stderr };
};

/** Runs one step as SSM Agent does; what goes wrong in it is its result. */
export async function runStep(step: DocumentStep, context: StepContext): Promise<StepResult> {
  const platform = context.ssm.world.ec2.instance(context.instanceId)?.platform ?? 'Linux';
  const skipped = (why: string) => succeeded(`Step execution skipped due to ${why}. Step name: ${step.name}`);
  if (step.platform && step.platform !== platform) {
    return skipped(`unsatisfied preconditions: '"StringEquals": [platformType, ${step.platform}]'`);
  }
  if (step.action === 'aws:runShellScript' && platform === 'Windows')
    return skipped(`unsupported plugin: ${step.action}`);
  try {
    return step.action === 'aws:downloadContent'
      ? await downloadContent(step, context)
      : await runScript(step, context);
  } catch (error) {
    return failed(1, '', describe(error));
  }
}

async function downloadContent({ inputs }: DocumentStep, context: StepContext): Promise<StepResult> {
  if (inputs.sourceType !== 'S3')
    throw new Error(`sourceType ${inputs.sourceType} is not supported by the embedded AWS`);
  const { path } = JSON.parse(String(inputs.sourceInfo)) as { path?: string };
  if (!path) throw new Error('S3 source path in SourceInfo must be specified');
  const wanted = String(inputs.destinationPath ?? '');
  // Not resolve(): a slash at the end, which says 'a folder', has to stay.
  const destination = isAbsolute(wanted) ? wanted : `${context.downloads}/${wanted}`;
  await download(context.ssm, context.instanceId, path, destination);
  return succeeded(`Content downloaded to ${destination}`);
}

async function runScript(
  step: DocumentStep,
  { ssm, instanceId, home, downloads, stop }: StepContext,
): Promise<StepResult> {
  const folder = String(step.inputs.workingDirectory ?? '');
  const env = await environment(ssm, instanceId, home);
  const timeout = new AbortController();
  const callOff = ssm.world.clock.after(executionTimeout(step) * 1000, () => timeout.abort());
  try {
    const { exitCode, stdout, stderr } = await ssm.shell.run({
      kind: step.action === 'aws:runShellScript' ? 'sh' : 'powershell',
      script: [step.inputs.runCommand].flat().join('\n'),
      env,
      cwd: isAbsolute(folder) ? folder : join(downloads, folder),
      signal: AbortSignal.any([stop, timeout.signal]),
      instanceId,
    });
    // 137 for both: aws-facts 4.3.
    if (stop.aborted) return { status: 'Cancelled', statusDetails: 'Cancelled', responseCode: 137, stdout, stderr };
    if (timeout.signal.aborted) {
      return { status: 'TimedOut', statusDetails: 'ExecutionTimedOut', responseCode: 137, stdout, stderr };
    }
    if (exitCode === 194) throw new Error('Exit code 194 asks for a reboot: not supported by the embedded AWS');
    if (exitCode === 0) return succeeded(stdout, stderr);
    return failed(exitCode, stdout, appendLine(stderr, `failed to run commands: exit status ${exitCode}`));
  } finally {
    callOff();
  }
}

/** All that a script inherits. PATH is the developer's, because node and aws are found by it; nothing else is. */
async function environment({ world, options }: Ssm, instanceId: string, home: string): Promise<Record<string, string>> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    LANG: 'C.UTF-8',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: await world.imds.endpoint(instanceId),
    // Without a socket to listen on, nowhere (port 9 discards): never the real AWS.
    AWS_ENDPOINT_URL: world.endpoint || 'http://127.0.0.1:9',
    AWS_REGION: world.region,
    AWS_DEFAULT_REGION: world.region,
    // The agent's own two.
    AWS_SSM_INSTANCE_ID: instanceId,
    AWS_SSM_REGION_NAME: world.region,
    ...(options.nodePath ? { NODE_PATH: options.nodePath } : {}),
  };
}

function appendLine(text: string, line: string): string {
  return text === '' || text.endsWith('\n') ? `${text}${line}` : `${text}\n${line}`;
}

/** An error of S3 in the agent's words: code, message, status. */
function describe(error: unknown): string {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number; requestId?: string } };
  if (!$metadata) return `failed to run commands: ${message}`;
  return `${name}: ${message}\n\tstatus code: ${$metadata.httpStatusCode}, request id: ${$metadata.requestId}`;
}
