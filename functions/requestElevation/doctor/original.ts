import { nameOf } from '../../common/names';
import { ec2Principal } from '../../common/policies';
import type { Evidence } from './evidence';
import { type Examination, ofOriginal, ofThePreflight, ok, warning } from './examination';
import { trusts } from './judgement';

const NONE = 'It has no profile: there is nothing that would have to be given back.';

const inOriginal = ({ look, ...examination }: Examination): Examination => ({
  ...examination,
  look: ofOriginal(NONE, look),
});

/** To put another profile in the place of the one that is attached. */
async function replace({ now, instanceId }: Evidence): Promise<string[]> {
  const { associationId } = (await now()) ?? {};
  if (!associationId) return [];
  return [
    `aws ec2 replace-iam-instance-profile-association --association-id ${associationId} --iam-instance-profile Name=PROFILE`,
    `aws ec2 describe-iam-instance-profile-associations --filters Name=instance-id,Values=${instanceId}`,
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
      `aws iam add-role-to-instance-profile --instance-profile-name ${await profileName(evidence)} --role-name ROLE`,
      'Or take the profile off:',
      `aws ec2 disassociate-iam-instance-profile --association-id ${(await evidence.now())?.associationId}`,
    ],
  ),
);

export const restorable = inOriginal(
  ofThePreflight(
    'restorable',
    async ({ role, region }) =>
      ok(
        `${(await role())?.Arn} is among restorableRoles of the deployment in ${region}. An SCP may deny iam:PassRole all the same: an elevation tries it before it changes anything.`,
      ),
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
        finding: `Whether ${name} lets EC2 assume it hangs on a condition.${ssm}`,
        remedy: [show],
      };
    return {
      status: 'failed',
      finding: `${name} does not let ${names.at(-1)} assume it: the instance gets no credentials by it, and what an elevation gives back would never be associated.${ssm}`,
      remedy: [show, `aws iam update-assume-role-policy --role-name ${name} --policy-document '${trustFor(names)}'`],
      error: 'RestoreFailed',
    };
  },
});

const trustFor = (names: string[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: names.at(-1) }, Action: 'sts:AssumeRole' }],
  });

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
