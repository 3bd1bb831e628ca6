import { GetRoleCommand, type IAMClient, type Role, type Tag, TagRoleCommand } from '@aws-sdk/client-iam';
import type { Original } from '../../state-machine/document';
import { StepUpError } from '../../state-machine/errors';
import { isAws } from './awsErrors';
import { iso } from './clock';
import { tempName } from './names';

/** One way only: each state is a tag that is added and never removed, so that a slow writer cannot turn it back. */
export type RecordState = 'open' | 'restoring' | 'draining';

/** What is needed to undo an elevation: the tags of its temp role. There is no database. */
export interface ElevationRecord {
  /** The elevation's execution ARN. */
  execution: string;
  /** When that execution started: its ARN may be used again 90 days after it ended. */
  started: string;
  instanceArn: string;
  /** null: the instance had no profile. */
  original: Original | null;
  grant: string;
  requester: string;
  /** ISO 8601 */
  expires: string;
}

/** A temp role and the state of its record, which can be told even when the rest of the record cannot be read. */
export interface TempRoleState {
  role: Role;
  name: string;
  state: RecordState;
  restoringSince?: string;
  drainingSince?: string;
  deleteAfter?: string;
}

export type StoredRecord = ElevationRecord & TempRoleState;

/** Tags of these prefixes are never inherited from the original role. */
export const RESERVED_TAGS = /^(aws|stepup):/i;

const KEY = {
  execution: 'stepup:execution',
  started: 'stepup:started',
  instanceArn: 'stepup:instance-arn',
  original: 'stepup:original',
  grant: 'stepup:grant',
  requester: 'stepup:requester',
  expires: 'stepup:expires',
  restoring: 'stepup:restoring-since',
  draining: 'stepup:draining-since',
  deleteAfter: 'stepup:delete-after',
} as const;

/** aws-facts 2.4: a tag value has at most 256 characters, of letters, digits, blanks and _ . : / = + - @ */
const LONGEST_VALUE = 256;

/** '=XX' stands for a byte that a tag value cannot hold, and for '=' itself; everything else is itself. */
export const encodeTag = (text: string): string =>
  Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9 _.:/+\-@]/.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');

export const decodeTag = (text: string): string =>
  Buffer.from(
    text.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

/** A long value goes on under KEY.2, KEY.3, …: nothing is cut. */
function split(key: string, value: string): Tag[] {
  const encoded = encodeTag(value);
  const tags: Tag[] = [];
  for (let at = 0; at < Math.max(1, encoded.length); at += LONGEST_VALUE) {
    tags.push({
      Key: tags.length === 0 ? key : `${key}.${tags.length + 1}`,
      Value: encoded.slice(at, at + LONGEST_VALUE),
    });
  }
  return tags;
}

function join(tags: Map<string, string>, key: string): string | undefined {
  let value = tags.get(key);
  for (let part = 2; value !== undefined && tags.has(`${key}.${part}`); part += 1) value += tags.get(`${key}.${part}`);
  return value === undefined ? undefined : decodeTag(value);
}

const originalText = (original: Original | null): string =>
  original ? [original.profileArn, original.profileId, original.roleArn, original.roleId].join(' ') : 'none';

function parseOriginal(text: string): Original | null | undefined {
  if (text === 'none') return null;
  const [profileArn, profileId, roleArn, roleId] = text.split(' ');
  return profileArn && profileId && roleArn && roleId ? { profileArn, profileId, roleArn, roleId } : undefined;
}

/** How many tags the state of a record takes besides. */
export const STATE_TAGS = 3;

/** The record as tags, for CreateRole: written in the same call that makes the role (aws-facts-2 18.1: atomic). */
export const recordTags = (record: ElevationRecord): Tag[] => [
  ...split(KEY.execution, record.execution),
  ...split(KEY.started, record.started),
  // Read by the ceiling as ${aws:PrincipalTag/stepup:instance-arn}: an ARN has no character that would be encoded.
  { Key: KEY.instanceArn, Value: record.instanceArn },
  ...split(KEY.original, originalText(record.original)),
  ...split(KEY.grant, record.grant),
  ...split(KEY.requester, record.requester),
  ...split(KEY.expires, record.expires),
];

const tagsOf = (role: Role) => new Map((role.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

export function stateOf(role: Role): TempRoleState {
  const tags = tagsOf(role);
  const [restoringSince, drainingSince, deleteAfter] = [KEY.restoring, KEY.draining, KEY.deleteAfter].map((key) =>
    tags.get(key),
  );
  return {
    role,
    name: role.RoleName as string,
    state: drainingSince ? 'draining' : restoringSince ? 'restoring' : 'open',
    ...(restoringSince && { restoringSince }),
    ...(drainingSince && { drainingSince }),
    ...(deleteAfter && { deleteAfter }),
  };
}

/**
 * Reads a record from a role.
 * @throws StepUpError RecordTampered when a tag that names run, instance, original or expiry is missing or unreadable
 */
export function parseRecord(role: Role): StoredRecord {
  const tags = tagsOf(role);
  const execution = join(tags, KEY.execution);
  const started = join(tags, KEY.started);
  const instanceArn = tags.get(KEY.instanceArn);
  const original = parseOriginal(join(tags, KEY.original) ?? '');
  const expires = join(tags, KEY.expires);
  if (!execution || !started || !instanceArn || original === undefined || !expires) {
    throw new StepUpError(
      'RecordTampered',
      `The tags of role ${role.RoleName} are not those that StepUp wrote: compare them with the history of the elevation.`,
    );
  }
  const grant = join(tags, KEY.grant) ?? '';
  const requester = join(tags, KEY.requester) ?? '';
  return { ...stateOf(role), execution, started, instanceArn, original, expires, grant, requester };
}

/** @returns undefined when IAM shows no such role */
export async function readRole(iam: IAMClient, roleName: string): Promise<Role | undefined> {
  try {
    return (await iam.send(new GetRoleCommand({ RoleName: roleName }))).Role;
  } catch (error) {
    if (isAws(error, 'NoSuchEntity')) return undefined;
    throw error;
  }
}

/** The record of an elevation, or undefined when IAM shows no temp role of it. */
export async function readRecord(iam: IAMClient, executionArn: string): Promise<StoredRecord | undefined> {
  const role = await readRole(iam, tempName(executionArn));
  return role && parseRecord(role);
}

/** An execution as the context object has it. */
export interface ExecutionContext {
  Id: string;
  RedriveCount?: number | undefined;
}

/**
 * A redriven elevation goes on in the middle of something that was undone meanwhile: only Restore may run then.
 * @throws StepUpError ElevationClosed
 */
export function requireFirstRun({ RedriveCount = 0 }: ExecutionContext): void {
  if (RedriveCount === 0) return;
  throw new StepUpError(
    'ElevationClosed',
    'A redriven elevation is only restored: its instance may have its profile back already. Start a new one.',
  );
}

/**
 * The fence before every call that changes something: never redriven, and the record is there and open. The read may be
 * stale, so it is no fence alone: Restore's closing look comes after every function of the run must have ended.
 * @throws StepUpError ElevationClosed
 */
export async function requireOpen(iam: IAMClient, execution: ExecutionContext): Promise<StoredRecord> {
  requireFirstRun(execution);
  const record = await readRecord(iam, execution.Id);
  if (record?.state === 'open') return record;
  throw new StepUpError(
    'ElevationClosed',
    `This elevation is ${record ? record.state : 'gone'}: nothing may be changed for it any more. Start a new one.`,
  );
}

const addTags = (iam: IAMClient, roleName: string, tags: Record<string, string>) =>
  iam.send(
    new TagRoleCommand({ RoleName: roleName, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
  );

export const markRestoring = (iam: IAMClient, { name }: TempRoleState, now: number) =>
  addTags(iam, name, { [KEY.restoring]: iso(now) });

/** Moves the end of a drain: as long as an instance carries the role, it issues credentials. */
export const drainUntil = (iam: IAMClient, { name }: TempRoleState, deleteAfter: number) =>
  addTags(iam, name, { [KEY.deleteAfter]: iso(deleteAfter) });

/** `deleteAfter`: when the last credential that the role issued has expired. */
export const markDraining = (iam: IAMClient, { name }: TempRoleState, now: number, deleteAfter: number) =>
  addTags(iam, name, { [KEY.draining]: iso(now), [KEY.deleteAfter]: iso(deleteAfter) });
