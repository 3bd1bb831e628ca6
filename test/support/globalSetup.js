// Synthesises the stack once for all suites: bundles and templates are what a deployer would get.
const { execFileSync } = require('node:child_process');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

module.exports = () => {
  execFileSync(process.execPath, [require.resolve('tsx/cli'), 'infra/bin/stepup.ts'], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: join(root, '.stepup', 'assembly') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};
