import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Launcher } from '../../local/world';
import type { Catalogue, Grant } from '../../state-machine/catalogue';
import { scratchFolder } from './scratch';

/** The release with other grants than it was synthesised with, as far as functions read them. */
export const withGrants =
  (changed: Partial<Grant>) =>
  (launcher: Launcher): Launcher => {
    const code = scratchFolder('catalogue');
    const write = (folder: string) => {
      const catalogue: Catalogue = JSON.parse(readFileSync(join(folder, 'catalogue.json'), 'utf8'));
      for (const grant of Object.values(catalogue.grants)) Object.assign(grant, changed);
      writeFileSync(join(code, 'catalogue.json'), JSON.stringify(catalogue));
    };
    return {
      launch: (fn, ...more) => {
        write(fn.code);
        return launcher.launch({ ...fn, code }, ...more);
      },
    };
  };
