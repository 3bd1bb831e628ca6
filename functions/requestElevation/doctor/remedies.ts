import { nameOf } from '../../common/names';
import type { Evidence } from './evidence';
import type { NamedPolicy } from './judgement';

export const SETTING = '/ssm/managed-instance/default-ec2-instance-management-role';
/** What AWS calls the role that it makes for Default Host Management. */
const HOST_ROLE = 'service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole';
const HOST_POLICY = 'AmazonSSMManagedEC2InstanceDefaultPolicy';
const CORE = 'AmazonSSMManagedInstanceCore';

export const restartAgent = [
  'On the instance; Linux, Linux with snap, Windows:',
  'sudo systemctl restart amazon-ssm-agent',
  'sudo snap restart amazon-ssm-agent',
  'Restart-Service AmazonSSMAgent',
];

/** An argument of a command line, for a POSIX shell: paths of IAM, and so ARNs, may have all of ASCII in them. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** In the CLI's short form a comma ends a value that stands in no quotes. */
export const profileNamed = (name: string): string =>
  /^[\w+.@-]+$/.test(name) ? `Name=${name}` : quoted(`Name="${name}"`);

const asArgument = (json: object): string => quoted(JSON.stringify(json));

export const trustOf = (service: string) => ({
  Effect: 'Allow',
  Principal: { Service: service },
  Action: 'sts:AssumeRole',
});

const trustPolicy = (statements: object[]): string => asArgument({ Version: '2012-10-17', Statement: statements });

/** Statements of a trust policy as it should be. */
export const changeTrust = (roleName: string, statements: object[]): string =>
  `aws iam update-assume-role-policy --role-name ${roleName} --policy-document ${trustPolicy(statements)}`;

export const settingArn = ({ partition, region, account }: Evidence): string =>
  `arn:${partition}:ssm:${region}:${account}:servicesetting${SETTING}`;

const setHostRole = (evidence: Evidence, role: string): string =>
  `aws ssm update-service-setting --setting-id ${settingArn(evidence)} --setting-value ${quoted(role)}`;

/** Makes the role that Default Host Management is set to, or is to be. */
export function makeHostRole(evidence: Evidence, role: string): string[] {
  const RoleName = nameOf(role);
  const path = `/${role.slice(0, -RoleName.length)}`;
  return [
    `aws iam create-role --role-name ${RoleName} --path ${quoted(path)} --assume-role-policy-document ${trustPolicy([trustOf('ssm.amazonaws.com')])}`,
    attachHostPolicy(evidence, RoleName),
  ];
}

export const attachHostPolicy = ({ partition }: Evidence, roleName: string): string =>
  `aws iam attach-role-policy --role-name ${roleName} --policy-arn arn:${partition}:iam::aws:policy/${HOST_POLICY}`;

export const switchOn = (evidence: Evidence): string[] => [
  `Or by Default Host Management, for every instance in ${evidence.region} that has no profile for it (its role first, where the account has none):`,
  ...makeHostRole(evidence, HOST_ROLE),
  setHostRole(evidence, HOST_ROLE),
];

export const attachCore = ({ partition }: Evidence, roleName: string): string =>
  `aws iam attach-role-policy --role-name ${roleName} --policy-arn arn:${partition}:iam::aws:policy/${CORE}`;

/** To an instance that has no profile. */
export function newProfile(evidence: Evidence, ec2: string): string[] {
  const { instanceId } = evidence;
  const name = `ssm-${instanceId}`;
  return [
    `Give it a profile whose role has ${CORE}; a new one:`,
    `aws iam create-role --role-name ${name} --assume-role-policy-document ${trustPolicy([trustOf(ec2)])}`,
    attachCore(evidence, name),
    `aws iam create-instance-profile --instance-profile-name ${name}`,
    `aws iam add-role-to-instance-profile --instance-profile-name ${name} --role-name ${name}`,
    `aws ec2 associate-iam-instance-profile --instance-id ${instanceId} --iam-instance-profile Name=${name}`,
  ];
}

/** To look at a policy of a role. */
export const showPolicy = (roleName: string, { name, arn }: NamedPolicy): string =>
  arn
    ? `aws iam get-policy-version --policy-arn ${quoted(arn)} --version-id "$(aws iam get-policy --policy-arn ${quoted(arn)} --query Policy.DefaultVersionId --output text)"`
    : `aws iam get-role-policy --role-name ${roleName} --policy-name ${name}`;

/** What is inline may allow more, which somebody has to look at first. */
export const takeOut = (roleName: string, policy: NamedPolicy): string =>
  policy.arn
    ? `aws iam detach-role-policy --role-name ${roleName} --policy-arn ${quoted(policy.arn)}`
    : showPolicy(roleName, policy);
