// Bundles the exploration, so that its processes start at once and run what a bundler makes of the functions, and runs it.
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { buildSync } = require('esbuild');
const synthesise = require('../test/support/globalSetup.js');

const root = join(__dirname, '..');
const outfile = join(root, '.stepup', 'explore', `${process.pid}.cjs`);
synthesise();
buildSync({
  entryPoints: [join(root, 'test', 'explore', 'main.ts')],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  outfile,
  logLevel: 'error',
});
// Many short-lived objects: a larger nursery halves the time spent in collecting them.
const flags = ['--max-semi-space-size=64'];
const { status } = spawnSync(process.execPath, [...flags, outfile, ...process.argv.slice(2)], { stdio: 'inherit' });
require('node:fs').rmSync(outfile, { force: true });
process.exitCode = status ?? 1;
