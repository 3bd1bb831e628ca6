import type { Tag } from '@aws-sdk/client-ec2';
import { AwsError, type Call, type ConditionContext, type Instance } from '../world';
import { authorizeOnInstance } from './authorization';
import type { Fleet } from './fleet';
import { endDryRun, isInstanceId } from './parameters';

const MOST_TAGS = 50;
const LONGEST_KEY = 127;
const LONGEST_VALUE = 256;
const isReserved = (key: string) => key.toLowerCase().startsWith('aws:');

const invalid = (message: string) => new AwsError('InvalidParameterValue', message);

/** Unconfirmed: the texts about lengths and empty keys; `Use empty string` and the one about `aws:` are AWS's. */
export function checkTagKeys(tags: Tag[]): void {
  for (const { Key: key = '', Value: value = '' } of tags) {
    if (key === '') throw invalid('Tag key cannot be empty');
    if ([...key].length > LONGEST_KEY) throw invalid(`Tag key exceeds the maximum length of ${LONGEST_KEY} characters`);
    if ([...value].length > LONGEST_VALUE) {
      throw invalid(`Tag value exceeds the maximum length of ${LONGEST_VALUE} characters`);
    }
    if (isReserved(key)) {
      const reason = "Tag keys starting with 'aws:' are reserved for internal use";
      throw invalid(`Value ( ${key} ) for parameter key is invalid. ${reason}`);
    }
  }
  const keys = tags.map(({ Key }) => Key);
  const twice = keys.find((key, place) => keys.indexOf(key) !== place);
  if (twice !== undefined) throw invalid(`Duplicate tag key '${twice}' specified`);
}

export function checkValues(tags: Tag[]): void {
  if (tags.some(({ Value }) => Value === undefined))
    throw invalid('Tag value cannot be null. Use empty string instead.');
}

function requestKeys(tags: Tag[]): ConditionContext {
  const valued = tags.filter(({ Value }) => Value !== undefined);
  return {
    ...Object.fromEntries(valued.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    'aws:TagKeys': tags.length > 0 ? tags.map(({ Key }) => Key!) : undefined,
  };
}

interface Request {
  Resources: string[];
  DryRun?: boolean;
}

/** The instances to be tagged: every one authorized, then all of them found, or none. */
export function instancesToTag(call: Call<Request>, fleet: Fleet, action: string, tags: Tag[]): Instance[] {
  const { Resources: ids } = call.input;
  const bad = ids.find((id) => !isInstanceId(id));
  if (bad !== undefined) throw new AwsError('InvalidID', `The ID '${bad}' is not valid`);
  for (const id of ids) authorizeOnInstance(call, fleet, action, id, { keys: requestKeys(tags) });
  endDryRun(call.input);
  return fleet.instances.allExisting(ids);
}

/** Tags of AWS's own are not counted. */
export function withTags(instance: Instance, tags: Tag[]): Instance['tags'] {
  const all = new Map([...Object.entries(instance.tags), ...tags.map(({ Key, Value }) => [Key!, Value!] as const)]);
  if ([...all.keys()].filter((key) => !isReserved(key)).length > MOST_TAGS) {
    throw new AwsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
  }
  return Object.fromEntries(all);
}

/** Without a key: all but AWS's own. With a value: only where it is the tag's. */
export function withoutTags({ tags }: Instance, gone?: Tag[]): Instance['tags'] {
  const goes = ([key, value]: [string, string]) =>
    gone ? gone.some(({ Key, Value = value }) => Key === key && Value === value) : !isReserved(key);
  return Object.fromEntries(Object.entries(tags).filter((tag) => !goes(tag)));
}
