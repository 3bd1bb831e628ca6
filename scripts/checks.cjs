// Runs the checks that are named on the command line, each to its end, and closes with one line over all of them.
// Usage: node scripts/checks.cjs lint types synth quick image sample explore slow storms mutations
const { spawnSync } = require('node:child_process');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'stepup-checks-'));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const run = (command, ...args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;
const one = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });

/** Jest's own counts; a suite that could not even be loaded counts as one failure. */
function jest(project) {
  const outputFile = join(scratch, `${project}.json`);
  run(bin('jest'), '--selectProjects', project, '--json', `--outputFile=${outputFile}`);
  const results = JSON.parse(readFileSync(outputFile, 'utf8'));
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests,
  };
}

/** A script that ends with a line of its own: `N passed, N failed`. */
function counted(script, ...args) {
  const command = [join(root, 'scripts', script), ...args];
  const { stdout } = spawnSync(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  console.log(String(stdout).trim());
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(stdout) ?? [];
  return passed === undefined ? one(false) : { passed: Number(passed), failed: Number(failed), skipped: 0 };
}

const CHECKS = {
  lint: () => one(run(bin('biome'), 'check', '--error-on-warnings', '.')),
  types: () => one(run(bin('tsc'), '--noEmit')),
  synth: () => one(run(bin('cdk'), 'synth', '--quiet', '--output', join(scratch, 'cdk.out'))),
  quick: () => jest('quick'),
  image: () => jest('image'),
  slow: () => jest('slow'),
  // Every third of what `explore` plays: all of it would take a third of CI's time.
  sample: () => counted('explore.cjs', '--part', '1/3'),
  explore: () => counted('explore.cjs'),
  storms: () => counted('explore.cjs', '--random', '1000', '--seed', '1'),
  mutations: () => counted('exploreMutations.cjs'),
};

const total = { passed: 0, failed: 0, skipped: 0 };
for (const name of process.argv.slice(2)) {
  console.log(`\n== ${name}`);
  const result = CHECKS[name]();
  console.log(`== ${name}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
  for (const key of Object.keys(total)) total[key] += result[key];
}
rmSync(scratch, { recursive: true, force: true });
if (total.skipped > 0) console.log('\nSkipped tests need tools that are not on this machine; each says which.');
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
