import { AssociateIamInstanceProfileCommand, ReplaceIamInstanceProfileAssociationCommand } from '@aws-sdk/client-ec2';
import { type Asset, allowed, ask, type Cell, type Deed, denied } from '../cell';
import { INSTANCES, instanceArn, profile, role, TEMPS, TROJAN, tempPath } from '../places';
import { RUNNING_ELEVATIONS } from './reach';
import { OUR_ROLES_ONLY } from './reading';

const replace =
  (instanceId: string, Name: string): Deed =>
  async ({ ec2, association }) =>
    ec2.send(
      new ReplaceIamInstanceProfileAssociationCommand({
        AssociationId: await association(instanceId),
        IamInstanceProfile: { Name },
      }),
    );
const associate =
  (InstanceId: string, Name: string): Deed =>
  ({ ec2 }) =>
    ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile: { Name } }));

const { enrolled, swapped, enrolledBare, plain, bare, elevated, lookalike } = INSTANCES;
const theSwap = ask('ec2:ReplaceIamInstanceProfileAssociation', instanceArn(swapped), {
  'ec2:InstanceID': swapped,
  'ec2:ResourceTag/stepup:grants': 'run-remote-script',
  'ec2:NewInstanceProfile': profile(`${tempPath(swapped).slice(1)}${TEMPS.swapped}`),
});

const attaching = (against: Asset, attempt: string, stoppedBy: string, deed: Deed, right: Deed = theSwap): Cell =>
  denied({ against, attempt, stoppedBy, deed, right });

/** The same, of a profile that does not exist here. */
const named = (arn: string): Deed =>
  ask(theSwap.action, theSwap.resource, { ...theSwap.keys, 'ec2:NewInstanceProfile': arn });
const ours = theSwap.keys?.['ec2:NewInstanceProfile'] as string;

const OTHER_PROFILES: Cell[] = [
  attaching(
    'the profile of enrolled instances',
    'attach a profile that is none of ours',
    'the path',
    replace(enrolled, 'theirs'),
  ),
  attaching(
    'the profile of enrolled instances',
    'attach a profile under a path that only begins like ours',
    'the path',
    named(ours.replace('/elevations/', '/elevations-2/')),
  ),
  attaching(
    'the profile of enrolled instances',
    'attach a profile that has our path below another',
    'the path',
    named(ours.replace('/stepup/', '/x/stepup/')),
  ),
  attaching(
    'the profile of enrolled instances',
    'attach a profile under our path in other letter case',
    'the path',
    named(ours.replace('/stepup/', '/StepUp/')),
  ),
  attaching(
    'the profile of enrolled instances',
    'attach a profile that is named as ours are, outside the path',
    'the path',
    named(profile(TEMPS.open)),
  ),
  attaching(
    'temp roles of others',
    "attach another instance's temp profile",
    'the path',
    replace(enrolled, TEMPS.open),
    replace(swapped, TEMPS.swapped),
  ),
  attaching(
    'temp roles of others',
    "attach another deployment's temp profile",
    'the path',
    replace(enrolled, TEMPS.foreign),
  ),
  attaching(
    'other roles',
    'attach a profile under our path into which an administrator put any role',
    'PassRole',
    replace(enrolled, TROJAN),
  ),
  attaching(
    'other roles',
    'pass a temp role to Lambda',
    'PassRole',
    ask('iam:PassRole', role(`${tempPath(elevated).slice(1)}${TEMPS.open}`), {
      'iam:PassedToService': 'lambda.amazonaws.com',
    }),
    ask('iam:PassRole', role(`${tempPath(elevated).slice(1)}${TEMPS.open}`), {
      'iam:PassedToService': 'ec2.amazonaws.com',
    }),
  ),
];

const OTHER_INSTANCES: Cell[] = [
  attaching(
    'instances that are not enrolled',
    'attach a temp profile to an instance that is not enrolled',
    'enrolment',
    {
      ...theSwap,
      resource: instanceArn(plain),
      keys: { 'ec2:InstanceID': plain, 'ec2:NewInstanceProfile': ours.replace(swapped, plain) },
    },
  ),
  attaching(
    'instances that are not enrolled',
    'attach a temp profile to an instance that is not enrolled and has none',
    'enrolment',
    associate(bare, TEMPS.open),
    associate(enrolledBare, TEMPS.swappedBare),
  ),
  attaching(
    'instances that are not enrolled',
    'attach a temp profile to an instance whose tag has a letter that only looks right',
    'enrolment',
    replace(lookalike, TEMPS.open),
  ),
  attaching('instances that are not enrolled', 'attach a temp profile to all instances at once: i-*', 'enrolment', {
    ...theSwap,
    resource: instanceArn('*'),
    keys: { 'ec2:NewInstanceProfile': ours.replace(swapped, '*') },
  }),
];

const ABROAD: Cell = attaching(
  'instances that are not enrolled',
  'attach a temp profile to an instance in another region',
  'the region',
  { ...theSwap, resource: theSwap.resource.replace('us-east-1', 'eu-west-1') },
);

const RESIDUES: Cell[] = [
  allowed({
    against: 'instances that are not enrolled',
    attempt: 'attach a temp profile to an instance whose tag is STEPUP:GRANTS',
    residue:
      'IAM compares the keys of tags without regard to letter case. captureProfile does not, so that no run comes to it; whoever may write the tag in one spelling may in the other',
    deed: {
      ...theSwap,
      resource: instanceArn(INSTANCES.shouting),
      keys: {
        'ec2:InstanceID': INSTANCES.shouting,
        'ec2:ResourceTag/STEPUP:GRANTS': 'run-remote-script',
        'ec2:NewInstanceProfile': ours.replace(swapped, INSTANCES.shouting),
      },
    },
  }),
];

/** An enrolled instance, and a temp profile that was made for it. */
export const swapProfile: Cell[] = [
  ...RUNNING_ELEVATIONS,
  ...OTHER_PROFILES,
  ...OTHER_INSTANCES,
  ABROAD,
  OUR_ROLES_ONLY,
  ...RESIDUES,
];
