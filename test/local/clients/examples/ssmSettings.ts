import { expect } from '@jest/globals';
import { answers, type Chain, denied, type Last, refuses, TIME } from '../example';

const SettingId = '/ssm/managed-instance/default-ec2-instance-management-role';
const change = { SettingId, SettingValue: 'service-role/host' };
const setting = (more: object) => ({
  ServiceSetting: {
    SettingId,
    LastModifiedDate: TIME,
    ARN: `arn:aws:ssm:us-east-1:123456789012:servicesetting${SettingId}`,
    ...more,
  },
});
const off = setting({ SettingValue: '$None', LastModifiedUser: 'System', Status: 'Default' });
const parameter = {
  Name: '/app/colour',
  Type: 'String',
  Value: 'red',
  Version: 1,
  LastModifiedDate: TIME,
  ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/app/colour',
  DataType: 'text',
};

const NOBODYS = '00000000-0000-4000-8000-000000000000';
const association = {
  Name: 'AWS-AttachIAMToInstance',
  AssociationId: expect.stringMatching(/^\(uuid/),
  AssociationVersion: '1',
  DocumentVersion: '$DEFAULT',
  Targets: [{ Key: 'ParameterValues', Values: ['*'] }],
  Overview: { Status: 'Pending', DetailedStatus: 'Creating' },
  ScheduleExpression: 'rate(30 minutes)',
  AssociationName: 'profiles',
};
const named = (value: string) => ({ AssociationFilterList: [{ key: 'Name', value }] });
const listed = (last: Last) => ({ AssociationId: last('ListAssociations').Associations[0].AssociationId });

/** Systems Manager beside Run Command: service settings, Parameter Store and State Manager. */
export const ssmSettings: Chain = {
  service: 'ssm',
  seed: async ({ asRoot, ssm }) => {
    ssm.putParameter({ name: '/app/colour', value: 'red' });
    ssm.putAssociation({
      document: 'AWS-AttachIAMToInstance',
      name: 'profiles',
      automationTargetParameterName: 'InstanceId',
      targets: [{ key: 'ParameterValues', values: ['*'] }],
      parameters: { RoleName: ['fleet'] },
      schedule: 'rate(30 minutes)',
    });
    const trust = { Effect: 'Allow', Principal: { Service: 'ssm.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: trust });
    await asRoot('iam', 'CreateRole', { RoleName: 'host', Path: '/service-role/', AssumeRolePolicyDocument });
  },
  examples: [
    answers('GetServiceSetting', { SettingId }, off),
    refuses('GetServiceSetting', { SettingId: '/ssm/other' }, 'ServiceSettingNotFound'),
    denied('ssm', 'GetServiceSetting', { SettingId }),
    denied('ssm', 'UpdateServiceSetting', change),
    answers('UpdateServiceSetting', change, {}, { as: 'admin' }),
    refuses('UpdateServiceSetting', { ...change, SettingId: '/ssm/other' }, 'ServiceSettingNotFound'),
    refuses('UpdateServiceSetting', { ...change, SettingValue: 'host' }, 'ValidationException'),
    refuses('UpdateServiceSetting', { ...change, SettingValue: 'service-role/other' }, 'ValidationException'),
    answers(
      'GetServiceSetting',
      { SettingId },
      setting({
        SettingValue: 'service-role/host',
        LastModifiedUser: 'arn:aws:iam::123456789012:user/admin',
        Status: 'Customized',
      }),
    ),
    denied('ssm', 'ResetServiceSetting', { SettingId }),
    answers('ResetServiceSetting', { SettingId }, off),

    answers('GetParameter', { Name: '/app/colour' }, { Parameter: parameter }),
    refuses('GetParameter', { Name: '/app/shape' }, 'ParameterNotFound', ''),
    denied('ssm', 'GetParameter', { Name: '/app/colour' }),
    answers('GetParametersByPath', { Path: '/app' }, { Parameters: [parameter] }),
    refuses('GetParametersByPath', { Path: 'app' }, 'ValidationException'),
    denied('ssm', 'GetParametersByPath', { Path: '/app' }),

    answers('ListAssociations', named('AWS-GatherSoftwareInventory'), { Associations: [] }),
    answers('ListAssociations', named('AWS-AttachIAMToInstance'), { Associations: [association] }),
    refuses('ListAssociations', { MaxResults: 51 }, 'ValidationException'),
    denied('ssm', 'ListAssociations', {}),
    answers('DescribeAssociation', listed, {
      AssociationDescription: {
        ...association,
        Date: TIME,
        LastUpdateAssociationDate: TIME,
        Parameters: { RoleName: ['fleet'] },
        AutomationTargetParameterName: 'InstanceId',
        ApplyOnlyAtCronInterval: false,
      },
    }),
    refuses('DescribeAssociation', { AssociationId: NOBODYS }, 'AssociationDoesNotExist'),
    refuses('DescribeAssociation', { AssociationId: 'x' }, 'ValidationException'),
    denied('ssm', 'DescribeAssociation', { AssociationId: NOBODYS }),
  ],
};
