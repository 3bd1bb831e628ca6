import { CfnResource } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/** One thing that cdk-nag says of one construct, both by names that stay the same from release to release. */
export interface Finding {
  /** `AwsSolutions-IAM5`, without what it was found in. */
  rule: string;
  /** What it was found in, such as `Resource::*`; empty for a rule that looks at the whole. */
  what: string;
  /** Path below `new StepUp(…)`, as far as it is ours. */
  construct: string;
}

/** What the pack AwsSolutions finds in a tree of constructs; a rule that fails to run is a finding, too. */
export function findings(root: IConstruct, deployment: string): Finding[] {
  const ours = new Map<string, string>();
  for (const node of root.node.findAll()) {
    if (CfnResource.isCfnResource(node)) ours.set(node.stack.resolve(node.logicalId), named(node.node.path));
  }
  const stable = (text: string) =>
    text
      .replaceAll(deployment, '<deployment>')
      .replace(/<(\w+)\.(\w+)>/g, (whole, id, attribute) => (ours.has(id) ? `<${ours.get(id)}.${attribute}>` : whole));
  const { violations } = new AwsSolutionsChecks().validateScope(root);
  return violations.flatMap(({ ruleName, violatingResources }) => {
    const [, rule = ruleName, what = ''] = /^([^[]+)(?:\[(.*)\])?$/s.exec(ruleName) ?? [];
    return violatingResources.map(({ constructPath = '' }) => ({
      rule,
      what: stable(what),
      construct: named(constructPath),
    }));
  });
}

/** Without the stack, the construct StepUp in it, CDK's own children, and the hash of a ceiling. */
const named = (path: string): string =>
  path
    .split('/')
    .slice(2)
    .filter((part) => part !== 'Resource')
    .join('/')
    .replace(/^(Ceiling-.+)-[0-9a-f]{8}$/, '$1');
