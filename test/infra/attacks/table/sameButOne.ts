import { ask, type Cell, denied } from '../cell';
import { INSTANCES, iam, PROD, PROD2, SSM_CORE, TEMPS, tempPath } from '../places';

const ROLE = iam(`role${tempPath(INSTANCES.enrolled)}${TEMPS.open}`);
const FOREIGN = iam(`role${tempPath(INSTANCES.enrolled, PROD2)}${TEMPS.foreign}`);
const KEYS = [
  ...[
    'execution',
    'started',
    'instance-arn',
    'original',
    'expires',
    'grant',
    'requester',
    'execution.2',
    'requester.2',
  ],
  ...[2, 3, 4, 5, 6, 7, 8].map((part) => `original.${part}`),
].map((key) => `stepup:${key}`);
const WRITTEN = Object.fromEntries(KEYS.map((key) => [key, 'as written']));

/** TagRole on a role that has a record. */
const tags = (onIt: Record<string, string>, asked: Record<string, string>, role = ROLE) =>
  ask('iam:TagRole', role, {
    'aws:TagKeys': Object.keys(asked),
    ...Object.fromEntries(Object.entries(onIt).map(([key, value]) => [`aws:ResourceTag/${key}`, value])),
    ...Object.fromEntries(Object.entries(asked).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  });

const without = (key: string) => Object.fromEntries(Object.entries(WRITTEN).filter(([other]) => other !== key));

const cell = (attempt: string, deed: Cell['deed']): Cell =>
  denied({ against: 'the record', attempt, stoppedBy: 'the record', deed, right: tags(WRITTEN, WRITTEN) });

/** With all the rest of a record written again as it is. */
export const SAME_BUT_ONE: Cell[] = [
  cell("write another deployment's record again as it is", tags(WRITTEN, WRITTEN, FOREIGN)),
  ...KEYS.map((key) => cell(`rewrite ${key} alone`, tags(WRITTEN, { ...WRITTEN, [key]: 'another' }))),
  ...KEYS.filter((key) => /\d$/.test(key)).map((key) =>
    cell(`add ${key} to a record`, tags(without(key), { ...without(key), [key]: 'another' })),
  ),
  ...['restoring-since', 'draining-since', 'delete-after'].map((key) =>
    cell(
      `add stepup:${key} to a record that is the same else`,
      tags(WRITTEN, { ...WRITTEN, [`stepup:${key}`]: 'now' }),
    ),
  ),
];

const onDraining = (action: string, more: Record<string, string> = {}) =>
  ask(action, ROLE, {
    'iam:PermissionsBoundary': iam(`policy/stepup/ceilings/${PROD}/any`),
    'aws:ResourceTag/stepup:draining-since': '2026-01-05T09:00:00.000Z',
    ...more,
  });

/** A role whose record says that it drains, and not since when it was restoring. */
export const ON_DRAINING: Cell[] = [
  ['put a policy on a role that drains', onDraining('iam:PutRolePolicy')] as const,
  ['attach a policy to a role that drains', onDraining('iam:AttachRolePolicy', { 'iam:PolicyARN': SSM_CORE })] as const,
].map(([attempt, deed]) => denied({ against: 'temp roles of others', attempt, stoppedBy: 'the record', deed }));
