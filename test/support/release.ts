import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { type ConfigurationInput, configurationSchema } from '../../infra/config';
import { StepUpStack } from '../../infra/stepUp';
import type { GrantFile } from '../../state-machine/catalogue';
import { scratchFolder } from './scratch';

/** An assembly of another configuration, its functions bundled as they are for AWS. That takes seconds. */
export function bundledRelease(configuration: Partial<ConfigurationInput> = {}): string {
  const outdir = scratchFolder('release');
  const app = new App({ outdir, analyticsReporting: false });
  new StepUpStack(app, configurationSchema.parse({ restorableRoles: ['*'], ...configuration }));
  return app.synth().directory;
}

const SHIPPED = join(__dirname, '..', '..', 'infra', 'grants');

/** A folder with the shipped grants, changed: what `change` returns is the grant, undefined removes it. */
export function grantsFolder(change: (name: string, grant: GrantFile) => GrantFile | undefined): string {
  const folder = scratchFolder('grants');
  cpSync(SHIPPED, folder, { recursive: true });
  for (const name of ['run-remote-script', 'read-bucket-prefix']) {
    const file = join(folder, `${name}.json`);
    const changed = change(name, JSON.parse(readFileSync(file, 'utf8')) as GrantFile);
    if (changed) writeFileSync(file, JSON.stringify(changed));
    else rmSync(file);
  }
  return folder;
}
