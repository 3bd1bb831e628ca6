import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../../support/scratch';

/** A cloud assembly of one stack S with these resources, and one asset: `abc.zip`, or what `objectKey` says. */
export function assembly(resources: object, objectKey = 'abc.zip'): string {
  const folder = scratchFolder('assembly');
  const write = (file: string, value: object) => writeFileSync(join(folder, file), JSON.stringify(value));
  mkdirSync(join(folder, 'asset.abc'));
  write('manifest.json', {
    artifacts: {
      'S.assets': { type: 'cdk:asset-manifest', properties: { file: 'S.assets.json' } },
      S: { type: 'aws:cloudformation:stack', properties: { templateFile: 'S.template.json' } },
      Tree: { type: 'cdk:tree' },
    },
  });
  write('S.assets.json', {
    files: { abc: { source: { path: 'asset.abc' }, destinations: { here: { objectKey } } } },
  });
  write('S.template.json', { Parameters: { Stage: { Type: 'String', Default: 'test' } }, Resources: resources });
  return folder;
}
