import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const lines = (file: string): string[] => readFileSync(join(__dirname, file), 'utf8').trimEnd().split('\n');

/** A Command document with which an instance shows whose credentials it holds. */
export const proveIdentity = () => ({
  schemaVersion: '2.2',
  description: 'StepUp: waits until the metadata service of this instance hands out the credentials of a temp role.',
  parameters: {
    roleName: {
      type: 'String',
      description: 'Name of the temp role',
      // The only thing that reaches the shell from outside.
      allowedPattern: '^stepup-[0-9a-f]{32}$',
    },
  },
  mainSteps: [
    step('proveLinux', 'aws:runShellScript', 'Linux', lines('proveIdentity.sh')),
    step('proveWindows', 'aws:runPowerShellScript', 'Windows', lines('proveIdentity.ps1')),
  ],
});

const step = (name: string, action: string, platform: string, runCommand: string[]) => ({
  name,
  action,
  precondition: { StringEquals: ['platformType', platform] },
  // The scripts themselves give up after 45 s.
  inputs: { timeoutSeconds: '60', runCommand },
});
