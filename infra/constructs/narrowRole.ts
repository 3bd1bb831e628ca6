import { type CfnRole, type IRole, PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Permissions } from '../permissions/permission';

export interface NarrowRoleProps {
  name: string | undefined;
  description: string;
  /** Which service assumes it, such as `lambda.amazonaws.com`. */
  service: string;
  /** On whose behalf, where a service says it. */
  trusted?: Record<string, Record<string, string>>;
  permissions: Permissions;
}

/**
 * A role that may do exactly what its permissions say: whatever CDK would add by itself is left out. The policy is part of
 * the role, so that nobody is given the role before it may do its work. The reasons stand in the template, by Sid.
 */
export function narrowRole(parent: Construct, id: string, props: NarrowRoleProps): IRole {
  const { name, description, service, trusted: conditions, permissions } = props;
  const sentences = Object.entries(permissions);
  const role = new Role(parent, id, {
    roleName: name,
    description,
    assumedBy: new ServicePrincipal(service, { conditions }),
    inlinePolicies: {
      permissions: new PolicyDocument({ statements: sentences.map(([sid, sentence]) => sentence.toStatement(sid)) }),
    },
  });
  const reasons = Object.fromEntries(sentences.map(([sid, sentence]) => [sid, sentence.explain()]));
  (role.node.defaultChild as CfnRole).addMetadata('Permissions', reasons);
  return role.withoutPolicyUpdates();
}
