import { expect } from '@jest/globals';
import { answers, type Chain, denied, type Last, refuses } from '../example';

const RUNNING = 'i-0123456789abcdef0';
const OTHER = 'i-0fedcba9876543210';
const GONE = 'iip-assoc-0123456789abcdef0';
const profile = (name: string) => `arn:aws:iam::123456789012:instance-profile/${name}`;
const attached = (name: string) => ({ Arn: profile(name), Id: expect.stringMatching(/^\(AIPA/) });
const association = (name: string, State: string, InstanceId = RUNNING) => ({
  AssociationId: expect.stringMatching(/^\(iip-assoc/),
  InstanceId,
  IamInstanceProfile: attached(name),
  State,
});
const ofRunning = { Filters: [{ Name: 'instance-id', Values: [RUNNING] }] };
const idFrom = (operation: string) => (last: Last) => ({
  AssociationId: last(operation).IamInstanceProfileAssociation.AssociationId,
});
const change = (before: [number, string], after: [number, string]) => [
  {
    InstanceId: OTHER,
    PreviousState: { Code: before[0], Name: before[1] },
    CurrentState: { Code: after[0], Name: after[1] },
  },
];
const other = { InstanceIds: [OTHER] };
const stateOfOther = (state: string) =>
  answers(
    'DescribeInstances',
    other,
    { Reservations: [expect.objectContaining({ Instances: [expect.objectContaining({ InstanceId: OTHER })] })] },
    { until: ({ Reservations }) => Reservations[0].Instances[0].State.Name === state },
  );
const reachable = { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] };
const statusOf = (InstanceId: string, [Code, Name]: [number, string], status: object) => ({
  AvailabilityZone: 'us-east-1a',
  InstanceId,
  InstanceState: { Code, Name },
  InstanceStatus: status,
  SystemStatus: status,
});
const unknown = { InstanceIds: ['i-00000000000000abc'] };
const notFound = "The instance ID 'i-00000000000000abc' does not exist";

export const ec2: Chain = {
  service: 'ec2',
  seed: async ({ asRoot, ec2: room }) => {
    for (const InstanceProfileName of ['first', 'second']) {
      await asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName });
    }
    room.addInstance({ id: RUNNING, tags: { Name: 'worker' } });
    room.addInstance({ id: OTHER });
  },
  examples: [
    answers(
      'DescribeInstances',
      { Filters: [{ Name: 'tag:Name', Values: ['work*'] }] },
      {
        Reservations: [
          expect.objectContaining({
            OwnerId: '123456789012',
            Instances: [
              expect.objectContaining({
                InstanceId: RUNNING,
                State: { Code: 16, Name: 'running' },
                MetadataOptions: expect.objectContaining({ HttpTokens: 'required', HttpEndpoint: 'enabled' }),
                Tags: [{ Key: 'Name', Value: 'worker' }],
              }),
            ],
          }),
        ],
      },
    ),
    answers(
      'DescribeInstances',
      { Filters: [{ Name: 'instance-state-name', Values: ['stopped'] }] },
      {
        Reservations: [],
      },
    ),
    denied('ec2', 'DescribeInstances'),
    refuses('DescribeInstances', unknown, 'InvalidInstanceID.NotFound', notFound),
    refuses('DescribeInstances', { DryRun: true }, 'DryRunOperation'),

    answers(
      'DescribeInstanceStatus',
      { InstanceIds: [RUNNING] },
      { InstanceStatuses: [statusOf(RUNNING, [16, 'running'], reachable)] },
    ),
    denied('ec2', 'DescribeInstanceStatus'),
    refuses('DescribeInstanceStatus', unknown, 'InvalidInstanceID.NotFound', notFound),

    answers('DescribeIamInstanceProfileAssociations', {}, { IamInstanceProfileAssociations: [] }),
    denied('ec2', 'DescribeIamInstanceProfileAssociations'),
    refuses(
      'DescribeIamInstanceProfileAssociations',
      { AssociationIds: [GONE] },
      'InvalidAssociationID.NotFound',
      expect.stringContaining('An invalid association-id of'),
    ),
    refuses(
      'DescribeIamInstanceProfileAssociations',
      { Filters: [{ Name: 'bad', Values: ['x'] }] },
      'InvalidParameterValue',
      "An unknown filter 'bad' was given",
    ),

    answers(
      'AssociateIamInstanceProfile',
      { InstanceId: RUNNING, IamInstanceProfile: { Name: 'first' } },
      { IamInstanceProfileAssociation: association('first', 'associating') },
    ),
    refuses(
      'AssociateIamInstanceProfile',
      { InstanceId: RUNNING, IamInstanceProfile: { Arn: profile('second') } },
      'IncorrectState',
      `There is an existing association for instance ${RUNNING}`,
    ),
    refuses(
      'AssociateIamInstanceProfile',
      { InstanceId: OTHER, IamInstanceProfile: { Name: 'third' } },
      'InvalidParameterValue',
      'Value (third) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    ),
    denied('ec2', 'AssociateIamInstanceProfile', { InstanceId: OTHER, IamInstanceProfile: { Name: 'first' } }),
    answers(
      'DescribeIamInstanceProfileAssociations',
      ofRunning,
      { IamInstanceProfileAssociations: [association('first', 'associated')] },
      { until: ({ IamInstanceProfileAssociations: [only] }) => only.State === 'associated' },
    ),

    answers(
      'ReplaceIamInstanceProfileAssociation',
      (last) => ({
        AssociationId: last('DescribeIamInstanceProfileAssociations').IamInstanceProfileAssociations[0].AssociationId,
        IamInstanceProfile: { Arn: profile('second') },
      }),
      { IamInstanceProfileAssociation: association('second', 'associating') },
    ),
    refuses(
      'ReplaceIamInstanceProfileAssociation',
      { AssociationId: GONE, IamInstanceProfile: { Name: 'first' } },
      'InvalidAssociationID.NotFound',
      expect.stringContaining('An invalid association-id of'),
    ),
    denied('ec2', 'ReplaceIamInstanceProfileAssociation', (last) => ({
      ...idFrom('ReplaceIamInstanceProfileAssociation')(last),
      IamInstanceProfile: { Name: 'first' },
    })),
    answers(
      'DescribeIamInstanceProfileAssociations',
      ofRunning,
      { IamInstanceProfileAssociations: [association('second', 'associated')] },
      { until: ({ IamInstanceProfileAssociations: all }) => all.length === 1 && all[0].State === 'associated' },
    ),

    denied('ec2', 'DisassociateIamInstanceProfile', idFrom('ReplaceIamInstanceProfileAssociation')),
    answers('DisassociateIamInstanceProfile', idFrom('ReplaceIamInstanceProfileAssociation'), {
      IamInstanceProfileAssociation: association('second', 'disassociating'),
    }),
    answers(
      'DescribeIamInstanceProfileAssociations',
      {},
      { IamInstanceProfileAssociations: [] },
      { until: ({ IamInstanceProfileAssociations: all }) => all.length === 0 },
    ),
    refuses(
      'DisassociateIamInstanceProfile',
      idFrom('DisassociateIamInstanceProfile'),
      'InvalidAssociationID.NotFound',
      expect.stringContaining('An invalid association-id of'),
    ),

    answers('StopInstances', other, { StoppingInstances: change([16, 'running'], [64, 'stopping']) }),
    refuses('StopInstances', unknown, 'InvalidInstanceID.NotFound', notFound),
    denied('ec2', 'StopInstances', other),
    stateOfOther('stopped'),
    answers('DescribeInstanceStatus', other, { InstanceStatuses: [] }),
    answers(
      'DescribeInstanceStatus',
      { ...other, IncludeAllInstances: true },
      { InstanceStatuses: [statusOf(OTHER, [80, 'stopped'], { Status: 'not-applicable' })] },
    ),
    answers('StartInstances', other, { StartingInstances: change([80, 'stopped'], [0, 'pending']) }),
    refuses('StartInstances', unknown, 'InvalidInstanceID.NotFound', notFound),
    denied('ec2', 'StartInstances', other),
    stateOfOther('running'),
    denied('ec2', 'TerminateInstances', other),
    answers('TerminateInstances', other, { TerminatingInstances: change([16, 'running'], [32, 'shutting-down']) }),
    refuses('TerminateInstances', unknown, 'InvalidInstanceID.NotFound', notFound),
    stateOfOther('terminated'),
    refuses('StartInstances', other, 'IncorrectInstanceState'),
  ],
};
