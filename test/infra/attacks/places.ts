/** What there is in the arena: by name, so that the table reads as what is done to whom. */
export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/** Two deployments in one account; the id of one is how the other's begins. */
export const PROD = 'prod';
export const PROD2 = 'prod-2';
/** Their stacks. What CloudFormation asks before an upgrade is named after the stack. */
export const STACKS: Record<string, string> = { [PROD]: 'Prod', [PROD2]: 'ProdTwo' };

const instance = (hex: string) => `i-0${hex.padStart(16, '0')}`;

export const INSTANCES = {
  /** Enrolled, with its original. */
  enrolled: instance('1'),
  /** Enrolled, for what the swap may do. */
  swapped: instance('2'),
  /** Enrolled, without a profile. */
  enrolledBare: instance('3'),
  /** Carry a temp profile of `prod`; what a function may do to one may be done once to each. */
  elevated: instance('4'),
  carrier: instance('5'),
  secondCarrier: instance('6'),
  /** Not enrolled, with a profile that StepUp may not pass. */
  plain: instance('7'),
  /** Not enrolled, without a profile. */
  bare: instance('8'),
  secondBare: instance('9'),
  /** Its tag is STEPUP:GRANTS. */
  shouting: instance('a'),
  /** Its tag has a Cyrillic letter in it. */
  lookalike: instance('b'),
  /** Carries a temp profile of `prod-2`. */
  foreign: instance('c'),
  /** Real elevations run on these. */
  core: instance('d'),
  inherit: instance('e'),
  /** Gets, by an administrator's hand, the temp profile of the instance `core`. */
  elsewhere: instance('f'),
} as const;

/** The name of a function, and of its role. */
export const functionName = (name: string, deployment: string = PROD) =>
  `${name === 'guardRelease' ? `${STACKS[deployment]}-${REGION}` : deployment}-${name}`;

const tempName = (digit: string) => `stepup-${digit.repeat(32)}`;

/** Temp roles, and profiles of the same name. */
export const TEMPS = {
  /** Of `prod`, its record open. */
  open: tempName('a'),
  /** Of `prod`, its record says that it closes. */
  closing: tempName('c'),
  /** Of `prod`, drained: nothing is on it any more. */
  drained: tempName('d'),
  /** Under the path of `prod`, made by an administrator: neither ceiling nor record. */
  naked: tempName('e'),
  /** Of `prod`, its profile is empty. */
  spare: tempName('5'),
  /** Of `prod`, for the instances on which the swap may be done. */
  swapped: tempName('7'),
  swappedBare: tempName('8'),
  /** Of `prod-2`. */
  foreign: tempName('b'),
} as const;

/** Of an instance profile that looks like one of ours and is somebody's: outside our path. */
export const LOOKS_LIKE_OURS = tempName('f');
/** Under our path, made by an administrator; holds the role `theirs`. */
export const TROJAN = tempName('9');

export const iam = (rest: string, account = ACCOUNT) => `arn:aws:iam::${account}:${rest}`;
export const role = (name: string) => iam(`role/${name}`);
export const profile = (name: string) => iam(`instance-profile/${name}`);
export const instanceArn = (id: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${id}`;
export const lambda = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
export const machine = (name: string, account = ACCOUNT) => `arn:aws:states:${REGION}:${account}:stateMachine:${name}`;
export const execution = (name: string, account = ACCOUNT) => `arn:aws:states:${REGION}:${account}:execution:${name}`;
export const here = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

export const tempPath = (id: string, deployment: string = PROD) => `/stepup/elevations/${id}/${deployment}/`;

export const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';
export const SSM_CORE = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';

const trust = (principal: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  });
export const EC2_TRUST = trust({ Service: 'ec2.amazonaws.com' });
/** Whoever has an identity policy for it, and nobody else. */
export const ACCOUNT_TRUST = trust({ AWS: iam('root') });

export const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
export const EVERYTHING = policy({ Effect: 'Allow', Action: '*', Resource: '*' });

/** A bucket that a grant names, and one that none does. */
export const GRANTED = { Bucket: 'my-script-bucket', Key: 'scripts/report.py' };
export const SECRET = { Bucket: 'app-data', Key: 'orders.csv' };

export const record = (instanceId: string, deployment: string = PROD) => [
  { Key: 'stepup:execution', Value: execution(`${deployment}-elevation:earlier`) },
  { Key: 'stepup:started', Value: '2026-01-05T08:00:00.000Z' },
  { Key: 'stepup:instance-arn', Value: instanceArn(instanceId) },
  { Key: 'stepup:original', Value: 'none' },
  { Key: 'stepup:grant', Value: 'run-remote-script' },
  { Key: 'stepup:requester', Value: 'direct-start' },
  { Key: 'stepup:expires', Value: '2026-01-06T09:00:00.000Z' },
];
