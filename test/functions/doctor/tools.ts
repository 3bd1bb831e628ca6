import { INSTANCE } from '../../support/stage';
import type { Case } from './cases';

/** Who else gives the instance profiles. */
export const TOOLS: Case[] = [
  {
    world: 'State Manager, which attaches a role to every instance by force',
    id: 'other-tools',
    status: 'warning',
    says: [
      'AWS-AttachIAMToInstance, rate(30 minutes)',
      `targets ${INSTANCE}`,
      'the role fleet in the place of whatever',
    ],
    remedy: ['aws ssm describe-association --association-id', 'aws ssm delete-association --association-id'],
    arrange: ({ aws }) =>
      aws.world.ssm.putAssociation({
        document: 'AWS-AttachIAMToInstance',
        automationTargetParameterName: 'InstanceId',
        targets: [{ key: 'ParameterValues', values: ['*'] }],
        parameters: { RoleName: ['fleet'] },
        schedule: 'rate(30 minutes)',
      }),
  },
  {
    world: 'State Manager, which names the instance in a parameter and forces nothing',
    id: 'other-tools',
    status: 'warning',
    says: ['gives it the role fleet where it has none'],
    arrange: ({ aws }) =>
      aws.world.ssm.putAssociation({
        document: 'AWS-AttachIAMToInstance',
        parameters: { InstanceId: [INSTANCE], RoleName: ['fleet'], ForceReplace: ['false'] },
      }),
  },
  {
    world: 'Quick Setup, by a tag of the instance',
    id: 'other-tools',
    status: 'warning',
    says: ['AWSQuickSetup-UpdateExistingInstanceProfile-abc12', 'adds policies to whatever role is there'],
    remedy: ['in Quick Setup, which has made it'],
    options: { tags: { team: 'data' } },
    arrange: ({ aws }) =>
      aws.world.ssm.putAssociation({
        document: 'AWSQuickSetup-UpdateExistingInstanceProfile-abc12',
        automationTargetParameterName: 'InstanceId',
        targets: [{ key: 'tag:team', values: ['data'] }],
      }),
  },
  {
    world: 'State Manager, by a resource group',
    id: 'other-tools',
    status: 'warning',
    says: [`may target ${INSTANCE}, by a resource group`],
    arrange: ({ aws }) =>
      aws.world.ssm.putAssociation({
        document: 'AWS-AttachIAMToInstance',
        targets: [{ key: 'resource-groups:Name', values: ['web'] }],
      }),
  },
  {
    world: 'State Manager, about other instances, other tags, and with other documents',
    id: 'other-tools',
    status: 'ok',
    arrange: ({ aws: { world } }) => {
      const document = 'AWS-AttachIAMToInstance';
      const [others, tag] = [
        { key: 'ParameterValues', values: ['i-0ffffffffffffffff'] },
        { key: 'tag:a', values: ['b'] },
      ];
      world.ssm.putAssociation({ document, targets: [others] });
      world.ssm.putAssociation({ document, targets: [tag, { key: 'ParameterValues', values: ['*'] }] });
      world.ssm.putAssociation({ document, parameters: { InstanceId: ['i-0ffffffffffffffff'] } });
      world.ssm.putAssociation({
        document: 'AWS-GatherSoftwareInventory',
        targets: [{ key: 'InstanceIds', values: ['*'] }],
      });
    },
  },
];
