import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { functionCode } from '../../infra/constructs/functionCode';
import type { Catalogue } from '../../state-machine/catalogue';
import { scratchFolder } from '../support/scratch';

const CATALOGUE: Catalogue = { grants: {}, core: { Version: '2012-10-17', Statement: [] }, inherit: null };

function bundled(): string {
  const app = new App({ outdir: scratchFolder('bundle'), analyticsReporting: false });
  new LambdaFunction(new Stack(app, 'Bundle'), 'Function', {
    code: functionCode('waitAssociated', CATALOGUE),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
  });
  const { directory } = app.synth();
  return join(directory, readdirSync(directory).find((name) => name.startsWith('asset.'))!);
}

test('a bundle is one file and the catalogue, needs nothing else, and is the same every time', () => {
  const folder = bundled();
  expect(readdirSync(folder).sort()).toEqual(['catalogue.json', 'index.js']);
  expect(JSON.parse(readFileSync(join(folder, 'catalogue.json'), 'utf8'))).toEqual(CATALOGUE);
  const load = `process.stdout.write(typeof require(${JSON.stringify(join(folder, 'index.js'))}).handler)`;
  expect(execFileSync(process.execPath, ['-e', load], { cwd: folder, encoding: 'utf8', env: {} })).toBe('function');
  expect(bundled().split('asset.')[1]).toBe(folder.split('asset.')[1]);
});
