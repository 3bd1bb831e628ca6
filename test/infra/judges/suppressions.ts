import { ROUTES } from '../../../state-machine/routes';

/** A finding of cdk-nag that is right as it is: exactly what is found, where, and why. */
export interface Suppression {
  rule: string;
  what: string;
  on: string[];
  because: string;
}

/** Wildcards in policies; nothing else of the pack is found. `patterns`: each of them, on each of these constructs. */
const wildcards = (patterns: string[], on: string[], because: string): Suppression[] =>
  patterns.map((what) => ({ rule: 'AwsSolutions-IAM5', what, on, because }));

const resources = (arns: string[], on: string[], because: string): Suppression[] =>
  wildcards(
    arns.map((arn) => `Resource::${arn}`),
    on,
    because,
  );

/** In this account and region, in whichever partition. */
const iam = (resource: string): string => `arn:<AWS::Partition>:iam::<AWS::AccountId>:${resource}`;
const here = (service: string, resource: string): string =>
  `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}`;
const s3 = (...objects: string[]): string[] => objects.map((it) => `arn:<AWS::Partition>:s3:::${it}/*`);

const roles = (...functions: string[]): string[] => functions.map((name) => `${name}Role`);

const CEILINGS_OF_GRANTS = ['Ceiling-read-bucket-prefix', 'Ceiling-run-remote-script'];

const ceilings: Suppression[] = [
  ...wildcards(
    ['Action::*'],
    ['Ceiling-inherit'],
    "A permissions boundary gives nothing: what a temp role may do is what its original's policies allow, less the guards.",
  ),
  ...resources(
    ['*'],
    ['Ceiling-inherit', ...CEILINGS_OF_GRANTS],
    'A permissions boundary gives nothing. Its guards deny on everything, and what SSM Agent calls of SSM knows no resources.',
  ),
  ...resources(
    s3('my-data-bucket/data'),
    ['Ceiling-read-bucket-prefix'],
    'What the shipped grant is about: the objects below a prefix.',
  ),
  ...resources(
    s3('my-script-bucket/scripts', 'my-script-bucket/output'),
    ['Ceiling-run-remote-script'],
    'What the shipped grant is about: the objects below two prefixes.',
  ),
  ...resources(
    [
      ...s3('results/stepup'),
      ...['log-group:/stepup/output:*', 'log-group:/stepup/output:log-stream:*'].map((it) => here('logs', it)),
    ],
    CEILINGS_OF_GRANTS,
    'The configured outputLocations, with an object or a log stream for each command, named by the agent.',
  ),
  ...resources(
    [
      ...s3('aws-ssm-us-east-1', 'aws-windows-downloads-us-east-1', 'amazon-ssm-us-east-1'),
      ...s3('amazon-ssm-packages-us-east-1', 'us-east-1-birdwatcher-prod', 'aws-ssm-distributor-file-us-east-1'),
      ...s3('aws-ssm-document-attachments-us-east-1', 'patch-baseline-snapshot-us-east-1', 'patch-logs'),
      'arn:<AWS::Partition>:ssm:*:*:parameter/AmazonCloudWatch-*',
    ],
    CEILINGS_OF_GRANTS,
    "What the configuration adds to core, as AWS's own policies for the agents have it.",
  ),
];

const machines: Suppression[] = [
  ...resources(
    ['captureProfile', 'restore', 'createTempRole', 'swapProfile', 'waitAssociated', 'runScript', 'hold'].map(
      (name) => `<${name}.Arn>:*`,
    ),
    roles('elevation'),
    'Every version of a function: a run in flight calls that of its own release.',
  ),
  ...resources(['<restore.Arn>:*'], roles('recovery'), 'Every version of restore: a recovery in flight calls its own.'),
];

const functions: Suppression[] = [
  ...resources(
    ['*'],
    [
      ...roles(
        'captureProfile',
        'createTempRole',
        'swapProfile',
        'waitAssociated',
        'runScript',
        'hold',
        'restore',
        'recover',
      ),
      ...roles('sweep', 'guardRelease', 'elevation', 'recovery', 'requestElevation', 'runScheduled'),
    ],
    "Calls that know no resources: EC2's Describe, commands of SSM, X-Ray, task tokens, the delivery of logs. Each says so in the role's metadata.",
  ),
  ...resources(
    [here('ec2', 'instance/*')],
    roles('captureProfile', 'swapProfile', 'runScript', 'restore', 'requestElevation'),
    'Instances are enrolled by a tag, and not known at deployment: changes have conditions on the tag or on the profile.',
  ),
  ...resources(
    [iam('instance-profile/*')],
    roles('captureProfile', 'restore', 'sweep', 'requestElevation'),
    'Reads: the original of an instance may be any profile.',
  ),
  ...resources(
    [iam('role/*')],
    roles('captureProfile', 'requestElevation'),
    'Reads: the original of an instance may be any role.',
  ),
  ...resources(
    [iam('policy/*'), 'arn:<AWS::Partition>:iam::aws:policy/*'],
    roles('requestElevation'),
    'Reads: the doctor says by which policy an agent may work, whichever its role has.',
  ),
  ...resources(
    [
      'arn:aws:iam::123456789012:policy/app-*',
      'arn:aws:iam::aws:policy/AmazonSSM*',
      ...['AmazonSSMManagedInstanceCore', 'AmazonSSMManagedEC2InstanceDefaultPolicy', 'AmazonSSMPatchAssociation'].map(
        (name) => `arn:*:iam::aws:policy/${name}`,
      ),
      ...['CloudWatchAgentServerPolicy', 'AmazonSSMDirectoryServiceAccess'].map(
        (name) => `arn:*:iam::aws:policy/${name}`,
      ),
    ],
    roles('captureProfile'),
    'Reads of the configured inheritablePolicies; the default names policies of AWS in any partition.',
  ),
  ...resources(
    ['arn:aws:iam::123456789012:role/app-*'],
    roles('createTempRole', 'restore'),
    'The configured restorableRoles: the deployer says which they are.',
  ),
  ...resources(
    [iam('role/stepup/elevations/*/<deployment>/*')],
    roles('createTempRole', 'swapProfile', 'runScript', 'hold', 'restore', 'sweep', 'guardRelease'),
    'Temp roles are made for one run each, below the path of the deployment; the instance comes before it in the path.',
  ),
  ...resources(
    [iam('instance-profile/stepup/elevations/*/<deployment>/*')],
    roles('createTempRole', 'restore', 'sweep'),
    'As with the temp roles.',
  ),
  ...resources(
    [iam('instance-profile/stepup/elevations/*')],
    roles('captureProfile', 'sweep', 'requestElevation'),
    'Lists are authorised by the path that is asked for: an instance is busy whichever deployment elevates it.',
  ),
  ...resources(
    [iam('role/stepup/elevations/*')],
    roles('sweep', 'guardRelease', 'requestElevation'),
    'Lists are authorised by the path that is asked for, and the deployment comes after the instance in it.',
  ),
  ...resources(
    [iam('policy/stepup/ceilings/<deployment>/*')],
    roles('sweep'),
    'Ceilings of earlier releases, whose names this one does not know.',
  ),
  ...resources(
    [here('states', 'execution:<deployment>-elevation:*')],
    roles('restore', 'recover', 'sweep', 'requestElevation', 'runScheduled'),
    'Executions get their names when they start.',
  ),
  ...resources(
    [here('states', 'execution:<deployment>-recovery:*')],
    roles('sweep', 'requestElevation'),
    'Executions get their names when they start.',
  ),
];

/** Every resource of the API: each route, and what lies above it. */
const API_PATHS = ROUTES.flatMap(({ path }) => path.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/')));
const API_METHODS = [
  ...ROUTES.map(({ method, path }) => `Api/Default${path}/${method}`),
  ...[...new Set([...API_PATHS, '/{proxy+}'])].map((path) => `Api/Default${path}/ANY`),
];

const api: Suppression[] = [
  {
    rule: 'AwsSolutions-APIG2',
    what: '',
    on: ['Api'],
    because:
      'The function validates, and says of every wrong field at once what is wrong: a validator of API Gateway names the first.',
  },
  {
    rule: 'AwsSolutions-APIG3',
    what: '',
    on: ['Api/DeploymentStage.v1'],
    because: 'Nobody gets in without an IAM policy; a web ACL would be a choice of the deployer, and has a price.',
  },
  {
    rule: 'AwsSolutions-APIG6',
    what: '',
    on: ['Api/DeploymentStage.v1'],
    because: 'Execution logs would have the bodies, and with them scripts; access logs and the function have the rest.',
  },
  {
    rule: 'AwsSolutions-COG4',
    what: '',
    on: API_METHODS,
    because: 'IAM is the gatekeeper, on purpose: who may ask for what is a policy on execute-api:Invoke.',
  },
];

export const SUPPRESSIONS: Suppression[] = [...ceilings, ...machines, ...functions, ...api];
