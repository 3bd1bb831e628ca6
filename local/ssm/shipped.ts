import type { SsmDocument } from '../world';

const workingDirectory = { type: 'String', default: '', description: '(Optional) The working directory of the script' };
const commands = { type: 'StringList', description: '(Required) The commands to run' };
const executionTimeout = {
  type: 'String',
  default: '3600',
  description: '(Optional) Seconds until the script is considered to have failed, at most 172800',
  allowedPattern: '([1-9][0-9]{0,4})|(1[0-6][0-9]{4})|(17[0-1][0-9]{3})|(172[0-7][0-9]{2})|(172800)',
};

function runScriptDocument(name: string, action: string, description: string): SsmDocument {
  const properties = {
    id: `0.${action}`,
    runCommand: '{{ commands }}',
    workingDirectory: '{{ workingDirectory }}',
    timeoutSeconds: '{{ executionTimeout }}',
  };
  const content = {
    schemaVersion: '1.2',
    description,
    parameters: { commands, workingDirectory, executionTimeout },
    runtimeConfig: { [action]: { properties: [properties] } },
  };
  return { name, owner: 'Amazon', content };
}

/** A step of AWS-RunRemoteScript: the folder of the download joins PATH, so that `script.sh arg` works as well. */
function commandLineStep(action: string, platform: string, runCommand: string[]) {
  return {
    action,
    name: action.replace('aws:', ''),
    precondition: { StringEquals: ['platformType', platform] },
    inputs: { runCommand, workingDirectory: '{{ workingDirectory }}', timeoutSeconds: '{{ executionTimeout }}' },
  };
}

const RUN_REMOTE_SCRIPT = {
  schemaVersion: '2.2',
  description: 'Runs a script that lies in a remote location',
  parameters: {
    sourceType: { type: 'String', allowedValues: ['GitHub', 'S3'], description: '(Required) The type of the source' },
    sourceInfo: { type: 'String', default: '{}', description: '(Required) Where it is; for S3 {"path": URL}' },
    commandLine: { type: 'String', default: '', description: '(Required) The command line to run' },
    workingDirectory,
    executionTimeout: {
      ...executionTimeout,
      description: '(Optional) Seconds until the script is considered to have failed, at most 28800',
      allowedPattern: '([1-9][0-9]{0,3})|(1[0-9]{1,4})|(2[0-7][0-9]{1,3})|(28[0-7][0-9]{1,2})|(28800)',
    },
  },
  mainSteps: [
    {
      action: 'aws:downloadContent',
      name: 'downloadContent',
      inputs: {
        sourceType: '{{ sourceType }}',
        sourceInfo: '{{ sourceInfo }}',
        destinationPath: '{{ workingDirectory }}',
      },
    },
    commandLineStep('aws:runPowerShellScript', 'Windows', [
      '$env:PATH += ";$(Convert-Path .)"',
      '{{ commandLine }}',
      'if ($?) { exit $LASTEXITCODE } else { exit 255 }',
    ]),
    commandLineStep('aws:runShellScript', 'Linux', ['export PATH="$PATH:$(pwd)"', '{{ commandLine }}']),
  ],
};

/** Names, parameters and steps are AWS's (aws-facts 4.2); the descriptions are not. */
export const SHIPPED_DOCUMENTS: SsmDocument[] = [
  runScriptDocument('AWS-RunShellScript', 'aws:runShellScript', 'Runs a shell script'),
  runScriptDocument('AWS-RunPowerShellScript', 'aws:runPowerShellScript', 'Runs a PowerShell script'),
  { name: 'AWS-RunRemoteScript', owner: 'Amazon', content: RUN_REMOTE_SCRIPT },
];
