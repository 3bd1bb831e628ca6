import { CancelCommandCommand, SendCommandCommand, type SendCommandCommandInput } from '@aws-sdk/client-ssm';
import { type Asset, allowed, ask, type Cell, type Deed, denied } from '../cell';
import { ACCOUNT, here, INSTANCES, instanceArn, PROD2, REGION, SECRET } from '../places';
import { OUR_ROLES_ONLY } from './reading';

const { swapped, plain, lookalike, shouting } = INSTANCES;

const send =
  (change: Partial<SendCommandCommandInput> = {}): Deed =>
  ({ ssm }) =>
    ssm.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [swapped],
        Parameters: { commands: ['echo mallory'] },
        ...change,
      }),
    );

const sending = (against: Asset, attempt: string, stoppedBy: string, change: Partial<SendCommandCommandInput>): Cell =>
  denied({ against, attempt, stoppedBy, deed: send(change), right: send() });

const document = (account: string, region = REGION) => `arn:aws:ssm:${region}:${account}:document/AWS-RunShellScript`;

const SENDING: Cell[] = [
  sending('commands on instances', 'send to an enrolled instance and one that is not', 'enrolment', {
    InstanceIds: [swapped, plain],
  }),
  sending('commands on instances', 'send to an instance whose tag has a letter that only looks right', 'enrolment', {
    InstanceIds: [lookalike],
  }),
  sending('commands on instances', 'send a document that no grant allows', 'the catalogue', {
    DocumentName: 'AWS-ConfigureAWSPackage',
  }),
  sending('commands on instances', "send a document of the account's own of that name", 'the catalogue', {
    DocumentName: document(ACCOUNT),
  }),
  sending('commands on instances', 'send a document of that name from another account', 'the catalogue', {
    DocumentName: document('999999999999'),
  }),
  sending('commands on instances', 'send a document of that name from another region', 'the catalogue', {
    DocumentName: document('', 'eu-west-1'),
  }),
  sending('StepUp itself', "send another deployment's document", 'the catalogue', {
    DocumentName: `${PROD2}-ProveIdentity`,
  }),
  sending('data', 'have output written to a bucket that the configuration does not name', 'the configuration', {
    OutputS3BucketName: SECRET.Bucket,
  }),
];

const OTHERWISE: Cell[] = (
  [
    ['send to a machine outside EC2', 'ssm:SendCommand', here('ssm', 'managed-instance/mi-0123456789abcdef0')],
    [
      'run an automation',
      'ssm:StartAutomationExecution',
      `arn:aws:ssm:${REGION}::automation-definition/AWS-StopEC2Instance:$DEFAULT`,
    ],
    ['associate a document with an instance for good', 'ssm:CreateAssociation', instanceArn(swapped)],
    ['share a document with another account', 'ssm:ModifyDocumentPermission', here('ssm', 'document/mine')],
  ] as const
).map(([attempt, action, resource]) =>
  denied({
    against: 'commands on instances',
    attempt,
    stoppedBy: 'no permission',
    // As if it were enrolled: that alone does not do.
    deed: ask(action, resource, { 'ssm:resourceTag/stepup:grants': 'run-remote-script' }),
    right: send(),
  }),
);

const RESIDUES: Cell[] = [
  allowed({
    against: 'commands on instances',
    attempt: 'run any script on any enrolled instance, at any time',
    residue:
      'a grant allows documents, and what a document that runs scripts does, its parameters say. Enrol only instances on which whoever may start elevations may be root',
    deed: send({ Parameters: { commands: ['echo root'] } }),
  }),
  allowed({
    against: 'instances that are not enrolled',
    attempt: 'run a script on an instance whose tag is STEPUP:GRANTS',
    residue: 'as with the swap: IAM compares the keys of tags without regard to letter case',
    deed: send({ InstanceIds: [shouting] }),
  }),
  allowed({
    against: 'data',
    attempt: 'read the output of any command of the account',
    residue: 'SSM has no resources and no keys for commands that were sent',
    deed: ask('ssm:GetCommandInvocation', '*'),
  }),
];

/** Documents that grants allow, on enrolled instances. */
export const runScript: Cell[] = [
  ...SENDING,
  ...OTHERWISE,
  OUR_ROLES_ONLY,
  denied({
    against: 'commands on instances',
    attempt: 'cancel a command',
    stoppedBy: 'no permission',
    deed: ({ ssm }) => ssm.send(new CancelCommandCommand({ CommandId: '00000000-0000-0000-0000-000000000000' })),
    right: send(),
  }),
  ...RESIDUES,
];
