import { CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { SendCommandCommand } from '@aws-sdk/client-ssm';
import { allowed, ask, type Cell, type Deed, denied } from '../cell';
import { EC2_TRUST, execution, INSTANCES, instanceArn, lambda, machine, PROD, PROD2, tempPath } from '../places';
import { describes } from './lookers';

const request = (grant = 'run-remote-script', instanceId: string = INSTANCES.bare) =>
  JSON.stringify({ instanceId, grant, work: { shell: ['echo'] } });
const start =
  (stateMachineArn: string, input = request()): Deed =>
  ({ sfn }) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
const elevates = start(machine(`${PROD}-elevation`));
const stop: Deed = ({ sfn }) =>
  sfn.send(new StopExecutionCommand({ executionArn: execution(`${PROD}-elevation:run`) }));

export const starter: Cell[] = [
  denied({
    against: 'StepUp itself',
    attempt: 'start a recovery',
    stoppedBy: 'no permission',
    deed: start(machine(`${PROD}-recovery`), '{}'),
    right: elevates,
  }),
  denied({
    against: 'StepUp itself',
    attempt: 'start an elevation of another deployment',
    stoppedBy: 'no permission',
    deed: start(machine(`${PROD2}-elevation`)),
    right: elevates,
  }),
  denied({
    against: 'StepUp itself',
    attempt: "start an elevation in another account, by the machine's name",
    stoppedBy: 'no permission',
    deed: start(machine(`${PROD}-elevation`, '999999999999')),
    right: elevates,
  }),
  denied({
    against: 'StepUp itself',
    attempt: 'invoke a function',
    stoppedBy: 'no permission',
    deed: ask('lambda:InvokeFunction', lambda(`${PROD}-createTempRole:1`)),
    right: describes(execution(`${PROD}-elevation:run`)),
  }),
  denied({
    against: 'temp roles of others',
    attempt: "stop somebody's run",
    stoppedBy: 'no permission',
    deed: stop,
    right: describes(execution(`${PROD}-elevation:run`)),
  }),
  denied({
    against: 'temp roles of others',
    attempt: 'make a role under our path, with a ceiling',
    stoppedBy: 'no permission',
    deed: async ({ iam, ceiling }) =>
      iam.send(
        new CreateRoleCommand({
          RoleName: 'mallory',
          Path: tempPath(INSTANCES.enrolled),
          AssumeRolePolicyDocument: EC2_TRUST,
          PermissionsBoundary: await ceiling(PROD, 'inherit'),
        }),
      ),
  }),
  denied({
    against: 'commands on instances',
    attempt: 'run a script on an enrolled instance, past StepUp',
    stoppedBy: 'no permission',
    deed: ({ ssm }) =>
      ssm.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [INSTANCES.swapped],
          Parameters: { commands: ['echo'] },
        }),
      ),
  }),
  allowed({
    against: 'commands on instances',
    attempt: 'have any enrolled instance do what any grant in its tag allows',
    residue: 'whoever may start elevations is an administrator of StepUp: IAM has no key for the input of an execution',
    deed: start(machine(`${PROD}-elevation`), request('read-bucket-prefix', INSTANCES.enrolled)),
  }),
  allowed({
    against: 'data',
    attempt: "read the input and result of anybody's run",
    residue: 'Step Functions knows no owners of executions',
    deed: describes(execution(`${PROD}-elevation:other-run`)),
  }),
];

export const recoverer: Cell[] = [
  denied({
    against: 'StepUp itself',
    attempt: 'start an elevation',
    stoppedBy: 'no permission',
    deed: elevates,
    right: start(machine(`${PROD}-recovery`), '{}'),
  }),
  denied({
    against: 'StepUp itself',
    attempt: "start another account's recovery, by the machine's name",
    stoppedBy: 'no permission',
    deed: start(machine(`${PROD}-recovery`, '999999999999'), '{}'),
    right: start(machine(`${PROD}-recovery`), '{}'),
  }),
  denied({
    against: 'temp roles of others',
    attempt: "stop somebody's run",
    stoppedBy: 'no permission',
    deed: stop,
  }),
  allowed({
    against: 'temp roles of others',
    attempt: "have somebody else's run restored while it works",
    residue:
      'IAM has no key for the input of an execution. The run loses its grant and its script, and its instance has its original: nothing is gained',
    deed: start(machine(`${PROD}-recovery`), JSON.stringify({ execution: execution(`${PROD}-elevation:run`) })),
  }),
];

const tags =
  (Key: string, id: string = INSTANCES.secondBare): Deed =>
  ({ ec2 }) =>
    ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key, Value: 'run-remote-script' }] }));

export const tagger: Cell[] = [
  allowed({
    against: 'instances that are not enrolled',
    attempt: 'enrol any instance',
    residue: 'the tag is the enrolment: who may write it, AWS decides. The SCP below leaves it to one role',
    deed: tags('stepup:grants'),
  }),
];

/** The SCP, as a policy of the person: a Deny is a Deny. */
const underTheScp = (attempt: string, deed: Deed, right: Deed = tags('team')): Cell =>
  denied({ against: 'instances that are not enrolled', attempt, stoppedBy: 'the SCP', deed, right });

export const taggerUnderTheScp: Cell[] = [
  underTheScp('enrol an instance', tags('stepup:grants')),
  underTheScp('enrol an instance by a tag in other letter case', tags('StepUp:Grants')),
  underTheScp('take an instance out', ({ ec2 }) =>
    ec2.send(new DeleteTagsCommand({ Resources: [INSTANCES.lookalike], Tags: [{ Key: 'stepup:grants' }] })),
  ),
  underTheScp('remove all tags of an instance at once', ({ ec2 }) =>
    ec2.send(new DeleteTagsCommand({ Resources: [INSTANCES.lookalike] })),
  ),
  denied({
    against: 'instances that are not enrolled',
    attempt: 'launch, by a call of its own, an instance that is enrolled from the start',
    stoppedBy: 'the SCP',
    deed: ask('ec2:CreateTags', instanceArn('*'), {
      'aws:TagKeys': ['stepup:grants'],
      'ec2:CreateAction': 'RunInstances',
    }),
    right: ask('ec2:CreateTags', instanceArn('*'), { 'aws:TagKeys': ['team'], 'ec2:CreateAction': 'RunInstances' }),
  }),
  denied({
    against: 'instances that are not enrolled',
    attempt: 'enrol an instance, as somebody who is not the enrolment role',
    stoppedBy: 'the SCP',
    deed: tags('stepup:grants'),
    right: tags('stepup:grants'),
    rightBy: 'the enrolment role, under the SCP',
  }),
];
