import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { covers } from '../state-machine/patterns';
import type { Release } from './catalogue';
import { type Settings, settingsSchema } from './config';
import type { Schedule } from './scheduleFiles';

type Warning = [id: string, text: string];

interface Warned extends Pick<Release, 'outliving'> {
  catalogue: Pick<Release['catalogue'], 'grants'>;
  schedules: Schedule[];
}

/** Says at synth what is allowed, and perhaps not meant. */
export function warn(scope: Construct, settings: Settings, release: Warned): void {
  const warnings = [
    ...wide(settings),
    ...idle(settings),
    ...outliving(release),
    ...held(release),
    ...scheduled(release),
  ];
  for (const [id, text] of warnings) Annotations.of(scope).addWarningV2(`StepUp:${id}`, text);
}

function wide({ restorableRoles, inherit, inheritablePolicies }: Settings): Warning[] {
  const roles = restorableRoles.filter((pattern) => isAny('role', pattern));
  const policies = inherit ? inheritablePolicies.filter((pattern) => isAny('policy', pattern) || isAdmin(pattern)) : [];
  const warnings: Warning[] = [];
  if (roles.length > 0) {
    warnings.push([
      'anyRestorableRole',
      `restorableRoles is ${quoted(roles)}: Restore may pass any role to EC2. Name the roles of the instances that you enroll.`,
    ]);
  }
  if (policies.length > 0) {
    warnings.push([
      'anyInheritablePolicy',
      `inheritablePolicies is ${quoted(policies)}: with baseline inherit a temp role may be given any managed policy, or AdministratorAccess. Name those of your instances' roles.`,
    ]);
  }
  return warnings;
}

const quoted = (patterns: string[]): string => patterns.map((pattern) => `'${pattern}'`).join(' and ');

/** Of an account, or of all: `role/*`, and what says the same otherwise. */
const isAny = (kind: 'role' | 'policy', pattern: string): boolean => {
  // A name has a character at least: `?*` is any, too.
  const shortened = pattern.replace(/[*?]*\*[*?]*/g, '*');
  return covers(shortened, '*') || covers(shortened.split(':').slice(5).join(':'), `${kind}/*`);
};

/** It alone is as good as any. Partition by partition: a star of either pattern could stand for more than one part of an ARN. */
const isAdmin = (pattern: string): boolean =>
  ['aws', 'aws-cn', 'aws-us-gov'].some((partition) =>
    covers(pattern, `arn:${partition}:iam::aws:policy/AdministratorAccess`),
  );

/** Settings that do nothing, or not what they are for, beside the others. What is as by default was not set. */
function idle(settings: Settings): Warning[] {
  const defaults = settingsSchema.parse({ restorableRoles: ['*'] });
  const isSet = (name: keyof Settings) => JSON.stringify(settings[name]) !== JSON.stringify(defaults[name]);
  const warnings = (['inheritCeiling', 'inheritablePolicies'] as const)
    .filter((name) => !settings.inherit && isSet(name))
    .map(
      (name): Warning => [
        `idle:${name}`,
        `${name} has no effect: inherit is false. Leave it out, or switch inherit on.`,
      ],
    );
  if (settings.alarmEmail && !isSet('runbookUrl')) {
    warnings.push([
      'noRunbookUrl',
      `alarmEmail is set and runbookUrl is not: the mail would name ${defaults.runbookUrl}, a path that nobody can open. Set it to where your people read it.`,
    ]);
  }
  return warnings;
}

const scheduled = ({ schedules }: Warned): Warning[] =>
  schedules.flatMap(({ name, warnings }) =>
    warnings.map((text, index): Warning => [`schedule:${name}${index === 0 ? '' : `:${index}`}`, `${text}.`]),
  );

/** Documents that run whatever they are given: who may use one of them is not kept from anything that a person can do. */
const ANY_SCRIPT = ['AWS-RunShellScript', 'AWS-RunPowerShellScript', 'AWS-RunRemoteScript'];

const held = ({ catalogue }: Warned): Warning[] =>
  Object.entries(catalogue.grants)
    .filter(([, { hold, documents }]) => hold === undefined && !documents.some((name) => ANY_SCRIPT.includes(name)))
    .map(([grant, { documents }]) => [
      `grantHeld:${grant}`,
      `Grant '${grant}' is for ${documents.join(', ')}, and can be held, too: whoever holds it runs on the instance whatever they like. Say "hold": false, or "hold": true if that is meant.`,
    ]);

const outliving = (release: Warned): Warning[] =>
  Object.entries(release.outliving).map(([grant, actions]) => [
    `grantOutlives:${grant}`,
    `Grant '${grant}' can leave something behind that acts on when it has ended, by ${actions.join(', ')}.`,
  ]);
