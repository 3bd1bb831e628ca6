import { expect, test } from '@jest/globals';
import { failure, fakeWorld } from './fakeWorld';

const UNKNOWN = 'i-0123456789abcdef0';

function fleet() {
  const fake = fakeWorld();
  const web = fake.world.ec2.addInstance({ tags: { Name: 'web', 'aws:autoscaling:groupName': 'g' } });
  const db = fake.world.ec2.addInstance({ tags: { Name: 'db' } });
  const tag = (Key: string, Value?: string) => ({ Key, Value });
  return { ...fake, web, db, tag };
}

test('CreateTags adds and replaces, on every instance or on none', () => {
  const { call, web, db, tag } = fleet();
  call('CreateTags', {
    Resources: [web.id, db.id],
    Tags: [tag('Name', 'new'), tag('__proto__', ''), tag('ü ⛄', '1')],
  });
  expect(Object.entries(db.tags)).toEqual([
    ['Name', 'new'],
    ['__proto__', ''],
    ['ü ⛄', '1'],
  ]);
  const many = Array.from({ length: 48 }, (_, i) => tag(`k${i}`, ''));
  call('CreateTags', { Resources: [web.id], Tags: many.slice(0, 47) });
  expect(failure(() => call('CreateTags', { Resources: [db.id, web.id], Tags: many }))).toBe(
    'TagLimitExceeded: The maximum number of Tags for a resource has been reached.',
  );
  expect(Object.keys(db.tags)).toHaveLength(3);
  expect(Object.keys(web.tags)).toHaveLength(51);
});

test('DeleteTags: by key, by key and value, or all but those of AWS', () => {
  const { call, web, tag } = fleet();
  const Resources = [web.id];
  call('CreateTags', { Resources, Tags: [tag('a', '1'), tag('b', ''), tag('c', '')] });
  call('DeleteTags', { Resources, Tags: [tag('a', '2'), tag('b', ''), tag('none')] });
  expect(Object.keys(web.tags)).toEqual(['Name', 'aws:autoscaling:groupName', 'a', 'c']);
  call('DeleteTags', { Resources, Tags: [tag('a')] });
  call('DeleteTags', { Resources });
  expect(web.tags).toEqual({ 'aws:autoscaling:groupName': 'g' });
});

test.each<[object, string]>([
  [{}, 'MissingParameter: The request must include the following parameters: ResourceId, Tag. Add'],
  [{ Tags: [{ Key: 'aws:x', Value: '' }] }, 'InvalidParameterValue: Value ( aws:x ) for parameter key is invalid. Tag'],
  [{ Tags: [{ Key: 'AWS:x', Value: '' }] }, "Tag keys starting with 'aws:' are reserved for internal use"],
  [{ Tags: [{ Key: 'a' }] }, 'InvalidParameterValue: Tag value cannot be null. Use empty string instead.'],
  [{ Tags: [{ Value: 'a' }] }, 'InvalidParameterValue: Tag key cannot be empty'],
  [{ Tags: [{ Key: 'k'.repeat(128), Value: '' }] }, 'exceeds the maximum length of 127 characters'],
  [{ Tags: [{ Key: 'k', Value: 'v'.repeat(257) }] }, 'exceeds the maximum length of 256 characters'],
  [{ Tags: ['a', 'a'].map((Key) => ({ Key, Value: '' })) }, "InvalidParameterValue: Duplicate tag key 'a' specified"],
  [{ Resources: ['i-bad'] }, "InvalidID: The ID 'i-bad' is not valid"],
  [{ Resources: ['vol-0123456789abcdef0'] }, "InvalidID: The ID 'vol-0123456789abcdef0' is not valid"],
  [{ Resources: [UNKNOWN] }, `InvalidInstanceID.NotFound: The instance ID '${UNKNOWN}' does not exist`],
  [{ DryRun: true }, 'DryRunOperation: Request would have succeeded, but DryRun flag is set.'],
])('CreateTags refuses %j, and tags nothing', (input, message) => {
  const { call, web, db, tag } = fleet();
  const complete = { Resources: [web.id], Tags: [tag('a', '')], ...input };
  expect(failure(() => call('CreateTags', Object.keys(input).length > 0 ? complete : {}))).toContain(message);
  expect([web.tags.a, db.tags.a]).toEqual([undefined, undefined]);
});

test('both are authorized on every instance, with the tags of the request and of the instance', () => {
  const { call, web, db, authorized, denied, tag } = fleet();
  call('CreateTags', { Resources: [web.id, db.id], Tags: [tag('a', '1'), tag('b', '')] });
  expect(authorized.map(({ resource }) => resource)).toEqual([web.arn, db.arn]);
  expect(authorized[0]).toMatchObject({
    action: 'ec2:CreateTags',
    context: {
      'aws:RequestTag/a': '1',
      'aws:RequestTag/b': '',
      'aws:TagKeys': ['a', 'b'],
      'aws:ResourceTag/Name': 'web',
      'ec2:ResourceTag/Name': 'web',
      'ec2:Region': 'eu-central-1',
    },
  });
  authorized.length = 0;
  denied.add('ec2:DeleteTags');
  expect(failure(() => call('DeleteTags', { Resources: [web.id], Tags: [tag('a')] }))).toBe('denied ec2:DeleteTags');
  expect(authorized[0]?.context).toMatchObject({ 'aws:TagKeys': ['a'] });
  expect(authorized[0]?.context).not.toHaveProperty('aws:RequestTag/a');
  expect(web.tags.a).toBe('1');
  expect(failure(() => call('DeleteTags', { Resources: [web.id] }))).toBe('denied ec2:DeleteTags');
  expect(authorized[1]?.context['aws:TagKeys']).toBeUndefined();
});

test('DescribeTags: filters and pages', () => {
  const { call, web, db } = fleet();
  const by = (Name: string, ...Values: string[]) =>
    call('DescribeTags', { Filters: [{ Name, Values }] }).Tags.map((row: { ResourceId: string }) => row.ResourceId);
  expect(call('DescribeTags').Tags[0]).toEqual({
    Key: 'Name',
    Value: 'web',
    ResourceId: web.id,
    ResourceType: 'instance',
  });
  expect(by('key', 'N*')).toEqual([web.id, db.id]);
  expect(by('value', 'd?')).toEqual([db.id]);
  expect(by('resource-id', web.id)).toEqual([web.id, web.id]);
  expect(by('resource-type', 'volume')).toEqual([]);
  expect(by('tag:Name', 'db')).toEqual([db.id]);
  expect(failure(() => by('bad', 'x'))).toBe("InvalidParameterValue: The filter 'bad' is invalid");
  for (const id of [web.id, db.id]) {
    call('CreateTags', { Resources: [id], Tags: ['a', 'b'].map((Key) => ({ Key, Value: '' })) });
  }
  const first = call('DescribeTags', { MaxResults: 5 });
  expect(first.Tags).toHaveLength(5);
  expect(call('DescribeTags', { NextToken: first.NextToken }).Tags).toHaveLength(2);
});
