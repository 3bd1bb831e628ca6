import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { describeWithAwsCli } from '../../support/awsCli';
import { createStage } from '../../support/stage';
import { AGENTS } from './agents';
import { diagnosisOf } from './asking';
import { INSTANCES } from './instances';
import { ORIGINALS, RIGHTS } from './originals';
import { TOOLS } from './tools';

const run = promisify(execFile);
const env = {
  PATH: process.env.PATH,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_MAX_ATTEMPTS: '1',
  // Nobody listens there.
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
};

/** What there is to learn from a command: its operation and options, not their values. */
const shapeOf = (command: string): string => [...command.matchAll(/^aws \S+ \S+| --[a-z0-9-]+/g)].join('');

/** Every command of the AWS CLI that the doctor gives in its tests' worlds, one of each shape. */
async function commands(): Promise<string[]> {
  const found = new Map<string, string>();
  for (const one of [...INSTANCES, ...AGENTS, ...ORIGINALS, ...RIGHTS, ...TOOLS]) {
    const stage = await createStage(one.options);
    await one.arrange?.(stage);
    const { findings } = await diagnosisOf(stage);
    for (const line of findings.flatMap(({ remedy }) => remedy).filter((text) => text.startsWith('aws ')))
      found.set(shapeOf(line), line);
  }
  return [...found.values()];
}

/** What the CLI cannot read it says before it asks; what it asks it asks nobody: what stands in $( ), too. */
async function refusalOf(command: string): Promise<string> {
  const line = command.replaceAll(/"\$\(.*?\)"/g, 'v1');
  const { stderr } = await run('sh', ['-c', line], { env }).catch((error: { stderr: string }) => error);
  return stderr.includes('Could not connect to the endpoint URL') ? '' : `${command}: ${stderr.slice(-300)}`;
}

describeWithAwsCli("the doctor's remedies", () => {
  test('are commands of the AWS CLI, which it can read', async () => {
    const all = await commands();
    expect(all.length).toBeGreaterThan(20);
    const refusals: string[] = [];
    for (const command of all) refusals.push(await refusalOf(command));
    expect(refusals.filter(Boolean)).toEqual([]);
  }, 170_000);
});
