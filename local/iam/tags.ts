import type { Tag } from '@aws-sdk/client-iam';
import { AwsError, type ConditionContext } from '../world';

/** Condition keys of the tags in a request. Of a repeated key the last value is seen (aws-facts-2 0c). */
export function requestTags(tags: Tag[] = []): ConditionContext {
  const keys = Object.fromEntries(tags.map((tag) => [`aws:RequestTag/${tag.Key}`, tag.Value]));
  return { ...keys, 'aws:TagKeys': tags.length > 0 ? tags.map((tag) => tag.Key!) : undefined };
}

export const tagKeys = ({ TagKeys }: { TagKeys?: string[] }): ConditionContext => ({
  'aws:TagKeys': TagKeys && TagKeys.length > 0 ? TagKeys : undefined,
});

/** Adds tags to those that are there: keys differ in more than case, and a new spelling replaces the old. */
export function withTags(current: Readonly<Record<string, string>>, tags: Tag[] = []): Record<string, string> {
  const added = new Set(tags.map((tag) => tag.Key!.toLowerCase()));
  if (added.size < tags.length) {
    throw new AwsError('InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  // Unconfirmed: both texts below; the code of the second.
  if ([...added].some((key) => key.startsWith('aws:'))) {
    throw new AwsError('InvalidInput', 'aws: prefixed tag key names are not allowed for external use.');
  }
  const kept = Object.entries(current).filter(([key]) => !added.has(key.toLowerCase()));
  const all = Object.fromEntries([...kept, ...tags.map((tag) => [tag.Key, tag.Value])]);
  if (Object.keys(all).length > 50) {
    throw new AwsError('LimitExceeded', 'Cannot exceed quota for TagsPerResource: 50', 409);
  }
  return all;
}

/** Takes tags away, in whichever spelling; keys that are not there are none. */
export function withoutTags(current: Readonly<Record<string, string>>, keys: string[] = []): Record<string, string> {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(current).filter(([key]) => !gone.has(key.toLowerCase())));
}

/** As AWS lists them: sorted by key. */
export const tagList = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.keys(tags)
    .sort()
    .map((Key) => ({ Key, Value: tags[Key]! }));
