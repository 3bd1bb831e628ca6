import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Arns } from '../arns';
import type { Settings } from '../config';

/** What the permissions of a function may speak of. */
export interface Scope extends Pick<Settings, 'restorableRoles' | 'inheritablePolicies' | 'outputLocations'> {
  arns: Arns;
  /** ARNs of the documents that grants allow. */
  documents: string[];
}

/** Resource '*': only with a reason why AWS can do no better. */
export interface Anything {
  because: string;
}

type Conditions = Record<string, Record<string, string | string[]>>;

/** One sentence: may(actions).on(resources).where(conditions).because(reason). */
export class Permission {
  private resources: string[] = [];
  private conditions: Conditions = {};
  private reason = '';
  private whyAnything = '';

  constructor(readonly actions: string[]) {
    const wild = actions.find((action) => action.includes('*'));
    if (wild) throw new Error(`${wild}: name each action`);
  }

  on(...resources: (string | Anything)[]): this {
    for (const resource of resources) {
      if (typeof resource === 'string') {
        if (resource === '*') throw new Error(`${this.actions.join(', ')}: '*' needs a reason`);
        this.resources.push(resource);
      } else {
        this.whyAnything = resource.because;
        this.resources.push('*');
      }
    }
    return this;
  }

  where(conditions: Conditions): this {
    this.conditions = { ...this.conditions, ...conditions };
    return this;
  }

  /** What it is for; stands in the template. */
  because(reason: string): this {
    this.reason = reason;
    return this;
  }

  /** The reason, and why any resource, if it is any. */
  explain(): string {
    if (!this.reason) throw new Error(`${this.actions.join(', ')}: why?`);
    return this.whyAnything ? `${this.reason} On *: ${this.whyAnything}.` : this.reason;
  }

  toStatement(sid: string): PolicyStatement {
    const { actions, resources, conditions } = this;
    return new PolicyStatement({ sid, actions, resources, conditions });
  }
}

/** By Sid: what a role may do, and each why. */
export type Permissions = Record<string, Permission>;

export const may = (...actions: string[]): Permission => new Permission(actions);

export const anything = (because: string): Anything => ({ because });

/** The settings allow '*' where a pattern of ARNs is asked for: there it is spelled out. */
export const patterns = (setting: string, values: string[]): (string | Anything)[] =>
  values.map((pattern) =>
    pattern === '*' ? anything(`the configuration spells it out as ${setting}, and synth warns of it`) : pattern,
  );

/** Of managed policies: the account's own and AWS's, if it is any. */
export const inheritable = ({ arns, inheritablePolicies }: Scope): string[] =>
  inheritablePolicies.flatMap((pattern) => (pattern === '*' ? arns.policies : pattern));

/** EC2's Describe* know no resources. */
export const DESCRIBES = anything('EC2 has no resources and no condition keys but the region for Describe calls');

/** Commands that were sent are no resources of SSM. */
export const SENT_COMMANDS = anything('SSM has no resources and no condition keys for commands that were sent');

/**
 * A role is passed to EC2 and to nothing else. In China EC2's own calls say `ec2.amazonaws.com.cn`, AddRoleToInstanceProfile
 * says `ec2.amazonaws.com` everywhere (aws/karpenter-provider-aws issue 6839, whose controller does both).
 */
export const TO_EC2 = { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', `ec2.${Aws.URL_SUFFIX}`] } };

/** The state of a record, and nothing else of it. */
export const STATE_TAGS = ['stepup:restoring-since', 'stepup:draining-since', 'stepup:delete-after'];
