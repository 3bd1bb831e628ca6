// Synthesises the stack once for all suites: bundles and templates are what a deployer would get.
const { execFileSync } = require('node:child_process');
const { readdirSync, renameSync, rmSync, statSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');
const assembly = join(root, '.stepup', 'assembly');
const SOURCES = ['functions', 'state-machine', 'infra', 'stepup.config.json', 'package-lock.json'];

const files = (path) =>
  statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => files(join(path, name))) : [path];
const newest = () =>
  Math.max(...SOURCES.flatMap((name) => files(join(root, name))).map((file) => statSync(file).mtimeMs));
const made = () => statSync(join(assembly, 'manifest.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;

module.exports = () => {
  // Workers inherit it. The versions are pinned: that later ones will need a newer Node is no news for a test.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  if (made() > newest()) return;
  // Made aside and put in place at once: another run of jest may be reading.
  const fresh = `${assembly}-${process.pid}`;
  execFileSync(process.execPath, [require.resolve('tsx/cli'), 'infra/bin/stepup.ts'], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: fresh },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(assembly, { recursive: true, force: true });
  renameSync(fresh, assembly);
};
