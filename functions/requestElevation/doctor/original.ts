import type { Role } from '@aws-sdk/client-iam';
import { nameOf } from '../../common/names';
import { ec2Principal } from '../../common/policies';
import type { Evidence } from './evidence';
import { type Examination, ofOriginal, ofThePreflight, ok, warning } from './examination';
import { meansAny, trustStatements, trusts } from './judgement';
import { changeTrust, profileNamed, trustOf } from './remedies';

const NONE = 'It has no profile: there is nothing that would have to be given back.';

const inOriginal = ({ look, ...examination }: Examination): Examination => ({
  ...examination,
  look: ofOriginal(NONE, look),
});

/** What EC2 associates by name: a profile that was made anew is another one, which a Replace may take for the same. */
async function replace({ now, attached, profile, instanceId }: Evidence): Promise<string[]> {
  const { associationId } = (await now()) ?? {};
  const takeOff = `aws ec2 disassociate-iam-instance-profile --association-id ${associationId}`;
  const associate = `aws ec2 associate-iam-instance-profile --instance-id ${instanceId} --iam-instance-profile`;
  if (await profile()) return [takeOff, `${associate} ${profileNamed(nameOf((await attached())?.profileArn ?? ''))}`];
  return [
    'Put another in its place (PROFILE):',
    `aws ec2 replace-iam-instance-profile-association --association-id ${associationId} --iam-instance-profile Name=PROFILE`,
    'Or leave the instance without:',
    takeOff,
  ];
}

const profileName = async ({ attached }: Evidence): Promise<string> => nameOf((await attached())?.profileArn ?? '');
const roleName = async ({ role }: Evidence): Promise<string> => (await role())?.RoleName ?? 'ROLE';

export const eksNode = ofThePreflight(
  'eks-node',
  () => ok('It has no tag of an EKS cluster.'),
  () => [
    'Run the job as a pod, with a role of its own (EKS Pod Identity): a node must keep the role by which its cluster knows it.',
  ],
);

export const profile: Examination = ofThePreflight(
  'profile',
  async ({ attached }) => {
    const { profileArn, state } = (await attached()) ?? {};
    if (!profileArn) return ok(NONE);
    return ok(
      `${profileArn} is ${state}, and IAM has the same.${state === 'associating' ? ' An elevation waits until it is associated.' : ''}`,
    );
  },
  replace,
);

export const oneRole = inOriginal(
  ofThePreflight(
    'one-role',
    async (evidence) => ok(`${await profileName(evidence)} holds one role, ${(await evidence.role())?.Arn}.`),
    async (evidence) => [
      'Add the role that the instance is to have (ROLE):',
      `aws iam add-role-to-instance-profile --instance-profile-name ${await profileName(evidence)} --role-name ROLE`,
      'Or take the profile off:',
      `aws ec2 disassociate-iam-instance-profile --association-id ${(await evidence.now())?.associationId}`,
    ],
  ),
);

export const restorable = inOriginal(
  ofThePreflight(
    'restorable',
    async ({ role, region }) => {
      const arn = (await role())?.Arn;
      if (!arn) return ok('There is no role (one-role).');
      return ok(
        `${arn} is among restorableRoles of the deployment in ${region}. An SCP may deny iam:PassRole all the same: an elevation tries it before it changes anything.`,
      );
    },
    async ({ role }) => [
      `Add "${(await role())?.Arn}" to restorableRoles in stepup.config.json, and deploy:`,
      'npx cdk deploy',
    ],
  ),
);

const SSM = 'ssm.amazonaws.com';

/** In China EC2 has a name of its own, and the plain one, too. */
const ec2Names = ({ partition }: Evidence): string[] => [...new Set(['ec2.amazonaws.com', ec2Principal(partition)])];

export const trust: Examination = inOriginal({
  id: 'trust',
  check: "The role's trust policy lets EC2 assume it",
  look: async (evidence) => {
    const role = await evidence.role();
    if (!role) return ok('There is no role (one-role).');
    const name = role.RoleName;
    const names = ec2Names(evidence);
    const allowed = trusts(role, names);
    const ssm = trusts(role, [SSM]) === 'no' ? '' : ` ${SSM} may, too, which neither the agent nor StepUp needs.`;
    if (allowed === 'yes') return ok(`${name} lets ${names.at(-1)} assume it.${ssm}`);
    const show = `aws iam get-role --role-name ${name} --query Role.AssumeRolePolicyDocument`;
    if (allowed === 'perhaps')
      return {
        status: 'unknown',
        finding: `Whether ${name} lets EC2 assume it hangs on a condition, or on whom it means.${ssm}`,
        remedy: [show],
      };
    return {
      status: 'failed',
      finding: `${name} does not let ${names.at(-1)} assume it: the instance gets no credentials by it, and what an elevation gives back would never be associated.${ssm}`,
      remedy: [show, changeTrust(name ?? '', trusting(role, names))],
      error: 'RestoreFailed',
    };
  },
});

/** What there is, without what denies it to EC2, and with what allows it. */
const trusting = (role: Role, names: string[]): object[] => [
  ...trustStatements(role).filter(({ Effect, ...whom }) => Effect === 'Allow' || !meansAny(whom, names)),
  trustOf(names.at(-1) ?? ''),
];

export const roleTags: Examination = inOriginal({
  id: 'role-tags',
  check: "Baseline inherit brings the role's tags along",
  look: async (evidence) => {
    const tags = ((await evidence.role())?.Tags ?? []).map(({ Key = '' }) => Key);
    const kept = tags.filter((key) => /^(aws|stepup):/i.test(key));
    if (kept.length === 0) return ok(`All of them: ${tags.length}.`);
    return warning(
      `${tags.length - kept.length} of ${tags.length}: ${kept.join(', ')} cannot be on a temp role. What hangs on ${kept.length > 1 ? 'them' : 'it'} (aws:PrincipalTag in a policy) is denied while elevated.`,
      [`aws iam list-role-tags --role-name ${await roleName(evidence)}`],
    );
  },
});

export const namedElsewhere: Examination = inOriginal({
  id: 'named-elsewhere',
  check: 'No policy elsewhere names the role',
  look: async (evidence) => {
    const arn = (await evidence.role())?.Arn;
    if (!arn) return ok('There is no role (one-role).');
    return warning(
      `Not looked at: bucket, queue and key policies, KMS grants, trust policies of other roles, EKS access entries, and conditions that name ${arn}. While elevated the instance is another role, to which they give nothing.`,
      [
        `Where a policy of what the instance uses names ${arn}: allow the account there, on the condition ArnLike aws:PrincipalArn arn:${evidence.partition}:iam::${evidence.account}:role/stepup/elevations/${evidence.instanceId}/*, or do without while elevated.`,
      ],
    );
  },
});
