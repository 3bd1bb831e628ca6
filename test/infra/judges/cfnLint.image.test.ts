import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { scratchFolder } from '../../support/scratch';
import { judged } from './configurations';

/**
 * cfn-lint knows AWS's own schemas of every resource type, the regions that have it, and Step Functions' language. There is
 * no well-kept equal for Node: npm's `cfn-lint` ended in 2020, and @aws-cdk/aws-service-spec is the database from which the
 * CDK's own constructs are generated, so that synth asks it already.
 */
const missing = spawnSync('cfn-lint', ['--version'], { stdio: 'ignore' }).status !== 0;
const describeWithCfnLint = missing ? describe.skip : describe;
if (missing) console.warn('SKIPPED: cfn-lint cannot be found here (pip install cfn-lint), tests with it do not run.');

/** Checks that are not made: what each says here, and why that is right. */
const IGNORED: Record<string, { says: string; because: string }> = {
  W3005: {
    says: 'dependency already enforced',
    because: 'CDK writes DependsOn beside a reference to the same role: more than is needed, and never wrong',
  },
};

/** What it finds and is wrong about, by rule, the end of the place, and what it says. */
const MISTAKEN = [
  {
    id: 'E3601',
    place: 'Properties/DefinitionString/States/Hold/Resource',
    says: "'arn:${partition}:states:::lambda:invoke.waitForTaskToken' does not match '^arn:aws:",
    because:
      'it puts none of the substitutions in; in China and GovCloud the integrations have ARNs of the partition, too',
  },
];

interface Match {
  Rule: { Id: string };
  Message: string;
  Location: { Path: (string | number)[] };
}

/** @returns what it finds: rule, place and message */
function lint(templateFile: string, regions: string[], ignored: string[] = []): string[] {
  const args = ['--format', 'json', '--regions', ...regions];
  const { stdout, stderr, status } = spawnSync(
    'cfn-lint',
    [...args, ...(ignored.length > 0 ? ['--ignore-checks', ...ignored] : []), '--template', templateFile],
    { encoding: 'utf8' },
  );
  // 0: nothing found. 2, 4 and 8, and their sums: errors, warnings, informations. Anything else: it did not run.
  if (status === null || status % 2 !== 0) throw new Error(`cfn-lint ended with ${status}: ${stderr}`);
  return (JSON.parse(stdout || '[]') as Match[]).map(
    ({ Rule, Location, Message }) => `${Rule.Id} ${Location.Path.join('/')}: ${Message}`,
  );
}

const isMistaken = (found: string): boolean =>
  MISTAKEN.some(({ id, place, says }) => found.startsWith(`${id} `) && found.includes(`${place}: ${says}`));

/** @returns what is to be mended */
const faults = (templateFile: string, regions: string[]): string[] =>
  lint(templateFile, regions, Object.keys(IGNORED)).filter((found) => !isMistaken(found));

describeWithCfnLint('cfn-lint', () => {
  const templates = judged();

  test.each(templates)('finds nothing in the template of %s', (_, { templateFile, region }) => {
    expect(faults(templateFile, [region ?? 'us-east-1'])).toEqual([]);
  });

  test('finds nothing in any region that a stack without one may be deployed to', () => {
    const [, { templateFile }] = templates[0]!;
    expect(faults(templateFile, ['ALL_REGIONS'])).toEqual([]);
  });

  test('is ignored only where it has something to say', () => {
    const [, { templateFile }] = templates.find(([name]) => name === 'everything configured')!;
    const found = lint(templateFile, ['us-east-1']);
    for (const [id, { says }] of Object.entries(IGNORED)) {
      expect(found.filter((it) => it.startsWith(`${id} `) && it.includes(says))).not.toEqual([]);
    }
    expect(found.filter(isMistaken)).toHaveLength(MISTAKEN.length);
  });

  test('finds a property that does not exist, a state that is nowhere, and a policy that IAM would refuse', () => {
    const wrong = {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Permit', Action: 'sts:AssumeRole' }],
          },
        },
      },
      Function: { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: '' }, Role: 'x', Memory: 1 } },
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          RoleArn: 'arn:aws:iam::123456789012:role/x',
          DefinitionString: JSON.stringify({ StartAt: 'Nowhere', States: { Here: { Type: 'Succeed' } } }),
        },
      },
    };
    const file = join(scratchFolder('cfn-lint'), 'wrong.json');
    writeFileSync(file, JSON.stringify({ Resources: wrong }));
    const found = lint(file, ['us-east-1']).join('\n');
    for (const place of [
      'Role/Properties/AssumeRolePolicyDocument',
      'Function/Properties/Memory',
      'Machine/Properties',
    ]) {
      expect(found).toContain(`Resources/${place}`);
    }
  });
});
