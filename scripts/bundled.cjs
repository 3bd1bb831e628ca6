// Bundles a program of the exploration, so that its processes start at once and run what a bundler makes of the functions, and runs it.
const { spawnSync } = require('node:child_process');
const { rmSync } = require('node:fs');
const { join } = require('node:path');
const { buildSync } = require('esbuild');
const synthesise = require('../test/support/globalSetup.js');

const root = join(__dirname, '..');
// Many short-lived objects: a larger nursery halves the time spent in collecting them.
const NODE_FLAGS = ['--max-semi-space-size=64'];

/** Runs `test/explore/<entry>` with this process's arguments, and ends as it ends. */
module.exports = (entry) => {
  const outfile = join(root, '.stepup', 'explore', `${process.pid}.cjs`);
  synthesise();
  buildSync({
    entryPoints: [join(root, 'test', 'explore', entry)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['esbuild'],
    outfile,
    logLevel: 'error',
  });
  const { status } = spawnSync(process.execPath, [...NODE_FLAGS, outfile, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  rmSync(outfile, { force: true });
  process.exitCode = status ?? 1;
};
