import type { Tag } from '@aws-sdk/client-iam';
import { describe, expect, test } from '@jest/globals';
import { decodeTag, type ElevationRecord, encodeTag, parseRecord, recordTags } from '../../functions/common/record';
import type { Original } from '../../state-machine/document';

/** aws-facts 2.4: what IAM takes as a tag's value, by its own pattern. */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

const ARN = 'arn:aws:iam::123456789012:';

const original = (path: string, profile: string, role: string): Original => ({
  profileArn: `${ARN}instance-profile${path}${profile}`,
  profileId: 'AIPAABCDEFGHIJKLMNOPQ',
  roleArn: `${ARN}role${path}${role}`,
  roleId: 'AROAABCDEFGHIJKLMNOPQ',
});

const record = (more: Partial<ElevationRecord> = {}): ElevationRecord => ({
  execution: 'arn:aws:states:us-east-1:123456789012:execution:StepUp-us-east-1-elevation:run-1',
  started: '2026-01-05T09:00:00.000Z',
  instanceArn: 'arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0',
  original: original('/', 'app', 'app'),
  grant: 'run-remote-script',
  requester: 'direct-start',
  expires: '2026-01-05T09:35:00.000Z',
  ...more,
});

const role = (tags: Tag[]) => ({
  Path: '/',
  RoleName: 'stepup-x',
  RoleId: 'AROA',
  Arn: `${ARN}role/stepup-x`,
  CreateDate: new Date(0),
  Tags: tags,
});

const longest = `/${'p'.repeat(510)}/`;

describe('a record', () => {
  test.each([
    ['an ordinary one', {}],
    ['without an original', { original: null }],
    ['with the longest path and names', { original: original(longest, 'n'.repeat(128), 'r'.repeat(64)) }],
    ["with every odd character of IAM's names", { original: original('/a!"#$%&()*,;<>?[]^`{|}~/', 'w=1,+@-_.', 'x=') }],
    ['with a path of nothing but odd characters', { original: original(`/${'~'.repeat(510)}/`, '=,', ',=') }],
    ['with a requester from the whole of Unicode', { requester: 'Žofie Müller 名前 🚀 =41' }],
    ['with the longest execution ARN', { execution: record().execution.replace('run-1', 'e'.repeat(80)) }],
  ])('%s comes back from its tags as it was written', (_, more: Partial<ElevationRecord>) => {
    const tags = recordTags(record(more));
    for (const { Value } of tags) expect(Value).toMatch(TAG_VALUE);
    expect(new Set(tags.map(({ Key }) => Key)).size).toBe(tags.length);
    expect(parseRecord(role(tags))).toMatchObject({ ...record(more), state: 'open' });
  });

  test('is split over tags where one is too short, and read in whatever order IAM lists them', () => {
    const written = record({ original: original(longest, 'app', 'app') });
    const tags = recordTags(written);
    expect(tags.map(({ Key }) => Key)).toEqual(expect.arrayContaining(['stepup:original', 'stepup:original.2']));
    expect(parseRecord(role(tags.toReversed()))).toMatchObject(written);
  });

  test('keeps the ARN that the ceiling compares as it is', () => {
    expect(recordTags(record())).toContainEqual({ Key: 'stepup:instance-arn', Value: record().instanceArn });
  });

  test.each([
    ['nothing', [], 'open'],
    ['restoring-since', ['restoring-since'], 'restoring'],
    ['both', ['restoring-since', 'draining-since'], 'draining'],
    ['draining-since alone', ['draining-since'], 'draining'],
  ])('with %s is %s', (_, marks, state) => {
    const tags = marks.map((mark) => ({ Key: `stepup:${mark}`, Value: record().started }));
    expect(parseRecord(role([...recordTags(record()), ...tags])).state).toBe(state);
  });
});

describe('a record that somebody changed', () => {
  const without = (key: string) => recordTags(record()).filter(({ Key }) => Key !== key);

  test.each(['execution', 'started', 'instance-arn', 'original', 'expires'])(
    'without its %s: RecordTampered',
    (key) => {
      expect(() => parseRecord(role(without(`stepup:${key}`)))).toThrow(
        expect.objectContaining({ name: 'RecordTampered', message: expect.stringContaining('stepup-x') }),
      );
    },
  );

  test.each(['', 'None', 'a b c', `${ARN}instance-profile/app`])("with the original '%s': RecordTampered", (Value) => {
    const tags = [...without('stepup:original'), { Key: 'stepup:original', Value }];
    expect(() => parseRecord(role(tags))).toThrow(expect.objectContaining({ name: 'RecordTampered' }));
  });

  test('without a part of a long value: RecordTampered', () => {
    const tags = recordTags(record({ original: original(longest, 'app', 'app') }));
    const cut = tags.filter(({ Key }) => Key !== 'stepup:original.2');
    expect(() => parseRecord(role(cut))).toThrow(expect.objectContaining({ name: 'RecordTampered' }));
  });

  test('without what is only said to people: still a record', () => {
    const tags = without('stepup:grant').filter(({ Key }) => Key !== 'stepup:requester');
    expect(parseRecord(role(tags))).toMatchObject({ grant: '', requester: '', state: 'open' });
  });
});

test.each(['', '=', '=41', 'a b', 'ä', '🚀', 'a\nb', '%20', '\u0000'])(
  '%j is decoded from what it was encoded to',
  (text) => {
    expect(encodeTag(text)).toMatch(TAG_VALUE);
    expect(decodeTag(encodeTag(text))).toBe(text);
  },
);
