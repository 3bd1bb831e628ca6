import {
  DescribeInstanceInformationCommand,
  type InstanceInformationStringFilter,
  paginateDescribeInstanceInformation,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLocalAws } from '../../../local';
import { virtualClock } from '../../../local/clock/virtual';
import { makeProfile } from '../../support/stage';

/** DescribeInstanceInformation: what it finds, and in which portions. */
const aws = createLocalAws({ delays: { iamPropagation: 0 } });
const { world } = aws;
const ssm = new SSMClient({
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1',
  credentials: world.iam.rootKey,
  requestHandler: aws.requestHandler(),
  maxAttempts: 1,
});
const id = (digit: number) => `i-${String(digit).padStart(17, '0')}`;

beforeAll(async () => {
  await makeProfile(aws, 'core');
  for (let digit = 12; digit >= 1; digit -= 1) {
    world.ec2.addInstance({
      id: id(digit),
      profile: 'core',
      platform: digit > 10 ? 'Windows' : 'Linux',
      tags: { team: digit === 3 ? 'b' : 'a' },
      agent: { version: digit === 1 ? '3.2.0.0' : '3.3.0.0' },
    });
  }
  world.ec2.addInstance({ id: id(99), tags: { team: 'b' } });
});
afterAll(() => aws.close());

async function found(...Filters: InstanceInformationStringFilter[]): Promise<string[]> {
  const ids: string[] = [];
  for await (const { InstanceInformationList = [] } of paginateDescribeInstanceInformation(
    { client: ssm },
    { Filters },
  ))
    ids.push(...InstanceInformationList.map(({ InstanceId }) => InstanceId as string));
  return ids;
}

test('ten at a time, or as many as are asked for', async () => {
  const sizes = async (pageSize?: number) => {
    const pages: number[] = [];
    for await (const page of paginateDescribeInstanceInformation({ client: ssm, pageSize }, {}))
      pages.push(page.InstanceInformationList!.length);
    return pages;
  };
  expect(await sizes()).toEqual([10, 2]);
  expect(await sizes(5)).toEqual([5, 5, 2]);
  await expect(sizes(4)).rejects.toThrow("at 'maxResults' failed to satisfy constraint");
  await expect(sizes(51)).rejects.toThrow('Member must have value less than or equal to 50');
  const wrong = ssm.send(new DescribeInstanceInformationCommand({ NextToken: 'x' }));
  await expect(wrong).rejects.toMatchObject({ name: 'InvalidNextToken' });
});

test.each<[string, string[], number[]]>([
  ['InstanceIds', [id(4), id(7), id(99)], [4, 7]],
  ['AgentVersion', ['3.2.0.0'], [1]],
  ['PlatformTypes', ['Windows'], [11, 12]],
  ['PingStatus', ['ConnectionLost'], []],
  ['ResourceType', ['ManagedInstance'], []],
  ['IamRole', ['core'], []],
  ['tag:team', ['b', 'c'], [3]],
])('by %s', async (Key, Values, expected) => {
  expect(await found({ Key, Values })).toEqual(expected.map(id));
});

test('several filters hold together, but not tags with others', async () => {
  const linux = { Key: 'PlatformTypes', Values: ['Linux'] };
  expect(await found(linux, { Key: 'InstanceIds', Values: [id(2), id(12)] })).toEqual([id(2)]);
  const message = 'Cannot mix tag or inventory filter with any other filter.';
  await expect(found(linux, { Key: 'tag:team', Values: ['a'] })).rejects.toThrow(message);
  await expect(found({ Key: 'Colour', Values: ['red'] })).rejects.toMatchObject({
    name: 'InvalidFilterKey',
    message: 'Colour filter Key is invalid.',
  });
});

test('one that was started is there two minutes after it runs, and one of the beginning at once', async () => {
  const clock = virtualClock();
  const restarted = createLocalAws({ clock });
  const { ec2, asRoot, delays } = restarted.world;
  const pass = (ms: number) => clock.run(clock.sleep(ms));
  await clock.run(makeProfile(restarted, 'core'));
  await pass(delays.iamPropagation);
  const instance = ec2.addInstance({ profile: 'core' });
  const managed = async () => (await asRoot('ssm', 'DescribeInstanceInformation', {})).InstanceInformationList.length;
  const send = () =>
    asRoot('ssm', 'SendCommand', {
      InstanceIds: [instance.id],
      DocumentName: 'AWS-RunShellScript',
      Parameters: { commands: ['true'] },
    });
  expect(await managed()).toBe(1);
  ec2.stopInstance(instance.id);
  await pass(delays.instanceTransition);
  ec2.startInstance(instance.id);
  await pass(delays.instanceTransition + 119_999);
  expect([instance.state, await managed()]).toEqual(['running', 0]);
  await expect(send()).rejects.toMatchObject({ code: 'InvalidInstanceId' });
  await pass(1);
  expect(await managed()).toBe(1);
  await send();
  await restarted.close();
});
