import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import type { Catalogue } from '../../state-machine/catalogue';
import type { FunctionName } from '../permissions';

const FUNCTIONS = join(__dirname, '..', '..', 'functions');

/** One index.js with everything in it, and the catalogue beside it. The same source gives the same bytes. */
export const functionCode = (name: FunctionName, catalogue: Catalogue): Code =>
  Code.fromAsset(join(FUNCTIONS, name), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK asks for an image, but takes it only when the local bundling declines, which this one never does.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle: (folder) => {
          bundle(join(FUNCTIONS, name, 'handler.ts'), join(folder, 'index.js'));
          writeFileSync(join(folder, 'catalogue.json'), `${JSON.stringify(catalogue, null, 2)}\n`);
          return true;
        },
      },
    },
  });

/**
 * Target node20: the embedded AWS runs the same bundle on the developer's Node. keepNames: logs name functions. The
 * ES modules first, for the SDK's can be shaken and are half as large.
 */
const bundle = (entry: string, outfile: string) =>
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    logLevel: 'warning',
  });
