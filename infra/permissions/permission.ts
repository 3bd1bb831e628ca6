import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Arns } from '../arns';
import type { Settings } from '../config';

/** What the permissions of a function may speak of. */
export interface Scope extends Pick<Settings, 'restorableRoles' | 'outputLocations'> {
  arns: Arns;
  /** ARNs of the documents that grants allow. */
  documents: string[];
}

/** Resource '*': only with a reason, which goes into the template. */
export interface Anything {
  because: string;
}

type Conditions = Record<string, Record<string, string | string[]>>;

/** One sentence: may(actions).on(resources).where(conditions). */
export class Permission {
  reason: string | undefined;
  private resources: string[] = [];
  private conditions: Conditions = {};

  constructor(readonly actions: string[]) {}

  on(...resources: (string | Anything)[]): this {
    for (const resource of resources) {
      if (typeof resource === 'string') {
        if (resource === '*') throw new Error(`${this.actions.join(', ')}: '*' needs a reason`);
        this.resources.push(resource);
      } else {
        this.reason = resource.because;
        this.resources.push('*');
      }
    }
    return this;
  }

  where(conditions: Conditions): this {
    this.conditions = { ...this.conditions, ...conditions };
    return this;
  }

  toStatement(): PolicyStatement {
    return new PolicyStatement({ actions: this.actions, resources: this.resources, conditions: this.conditions });
  }
}

export const may = (...actions: string[]): Permission => new Permission(actions);

export const anything = (because: string): Anything => ({ because });

/** EC2's Describe* know no resources. */
export const DESCRIBES = anything('EC2 has no resources and no condition keys but the region for Describe calls');
