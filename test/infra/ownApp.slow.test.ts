import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type peerDependencies, version } from '../../package.json';
import { scratchFolder } from '../support/scratch';

const ROOT = join(__dirname, '..', '..');

const APP = `
import { App, Stack } from 'aws-cdk-lib';
import { StepUp, type StepUpProps } from 'stepup';

const app = new App();
const stack = new Stack(app, 'Mine', { env: { account: '123456789012', region: 'eu-west-1' } });
const props: StepUpProps = { restorableRoles: ['arn:aws:iam::123456789012:role/app-*'], tags: { team: 'ops' } };
const { elevation, recovery, functions, alarmTopic } = new StepUp(stack, 'StepUp', props);
if (!elevation || !recovery || !functions.restore || !alarmTopic) throw new Error('Something is missing');
app.synth();
`;

/** Packages come from npm's cache where it has them. */
const npm = (cwd: string, ...args: string[]) =>
  execFileSync('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd,
    encoding: 'utf8',
  });

test('a project of its own takes the packed repository, and synthesises and bundles StepUp', () => {
  const project = scratchFolder('ownApp');
  npm(ROOT, 'pack', '--pack-destination', project);
  writeFileSync(join(project, 'package.json'), '{ "name": "own-app", "private": true }');
  writeFileSync(join(project, 'app.ts'), APP);
  const pinned = (name: keyof typeof peerDependencies) =>
    `${name}@${JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version}`;
  npm(project, 'install', `./stepup-${version}.tgz`, pinned('aws-cdk-lib'), pinned('constructs'));
  const run = (...args: string[]) =>
    execFileSync('npx', ['--no-install', ...args], {
      cwd: project,
      encoding: 'utf8',
      env: { ...process.env, CDK_OUTDIR: join(project, 'out') },
    });
  run('tsx', 'app.ts');
  const { Resources } = JSON.parse(readFileSync(join(project, 'out', 'Mine.template.json'), 'utf8'));
  const types = Object.values<{ Type: string }>(Resources).map(({ Type }) => Type);
  expect(types.filter((type) => type === 'AWS::StepFunctions::StateMachine')).toHaveLength(2);
  expect(types.filter((type) => type === 'AWS::Lambda::Function').length).toBeGreaterThan(8);
  expect(run('stepup', '--version').trim()).toBe(version);
}, 600_000);
