import { describe, expect, test } from '@jest/globals';
import { captureOf, patienceEnds } from '../../functions/common/request';
import { StepUpError } from '../../state-machine/errors';
import { parseRequest } from '../../state-machine/request';
import { commandOf } from '../../state-machine/work';

const GOOD = { instanceId: 'i-0123456789abcdef0', grant: 'deploy', work: { shell: ['echo'] } };

/** What is said about a request. */
function complaint(request: unknown): { name: string; message: string } {
  try {
    parseRequest(request);
  } catch (error) {
    if (error instanceof StepUpError) return error;
    throw error;
  }
  throw new Error('The request was accepted');
}

describe('a request', () => {
  test('has defaults: the baseline, and no patience', () => {
    expect(parseRequest(GOOD)).toEqual({ ...GOOD, baseline: 'inherit', waitForInstanceMinutes: 0 });
  });

  test.each([
    ['an old, short instance id', { instanceId: 'i-01234567' }],
    ['everything', { durationMinutes: 720, baseline: 'core', waitForInstanceMinutes: 1440, reason: 'INC-1' }],
    ['output to a bucket', { output: { s3: 's3://my-bucket' } }],
    ['output below a prefix', { output: { s3: 's3://my-bucket/logs/2026' } }],
    ['output to a log group', { output: { cloudWatchLogGroup: '/stepup/jobs' } }],
  ])('may have %s', (_, more) => {
    expect(parseRequest({ ...GOOD, ...more })).toMatchObject(more);
  });

  test.each([
    ['instanceId', 'i-0123', 'looks like i-0123456789abcdef0'],
    ['instanceId', 'i-0123456789ABCDEF0', 'looks like'],
    ['instanceId', undefined, ''],
    ['grant', 'Deploy!', 'lower-case letters'],
    ['grant', 7, ''],
    ['work', {}, 'exactly one of'],
    ['work', { shell: [] }, 'shell'],
    ['work', { shell: ['a'], powershell: ['b'] }, 'exactly one of'],
    ['work', { shell: 'echo' }, 'exactly one of'],
    ['work', { s3Script: { url: 'http://bucket/x', commandLine: 'x' } }, 'the https URL of an object in S3'],
    ['durationMinutes', 0, ''],
    ['durationMinutes', 721, ''],
    ['durationMinutes', 1.5, ''],
    ['durationMinutes', '30', ''],
    ['baseline', 'none', ''],
    ['waitForInstanceMinutes', -1, ''],
    ['waitForInstanceMinutes', 1441, ''],
    ['output', { s3: 'https://my-bucket' }, ''],
    ['output', { s3: 's3://B' }, 's3://bucket or s3://bucket/prefix'],
    ['output', { s3: 's3://my-bucket/a/../b' }, 'without wildcards'],
    ['output', { s3: 's3://my-bucket', cloudWatchLogGroup: '/jobs' }, 'exactly one of'],
    ['reason', 'x'.repeat(501), ''],
  ])('with %s %j is refused by the name of the field', (field, value, says) => {
    const { name, message } = complaint({ ...GOOD, [field]: value });
    expect(name).toBe('RequestInvalid');
    expect(message).toContain(field);
    expect(message).toContain(says);
  });

  test('with several wrong fields names them all', () => {
    const { message } = complaint({ instanceId: 'x', grant: '?', work: {}, durationMinutes: 0, typo: 1 });
    for (const field of ['instanceId', 'grant', 'work', 'durationMinutes', 'typo']) expect(message).toContain(field);
  });

  test.each([null, undefined, 'text', 7, [], {}])('that is %j is refused', (request) => {
    expect(complaint(request).name).toBe('RequestInvalid');
  });

  test('cannot pose as a result of a step', () => {
    expect(complaint({ ...GOOD, capture: { done: true }, outcome: {} }).message).toMatch(/capture.*outcome/);
  });

  test('is measured in bytes', () => {
    expect(complaint({ ...GOOD, reason: 'ä'.repeat(19_000) }).name).toBe('InputTooLarge');
    expect(complaint({ ...GOOD, reason: 'a'.repeat(17_000) }).name).toBe('RequestInvalid');
  });

  test('waits from the start of its execution', () => {
    const request = parseRequest({ ...GOOD, waitForInstanceMinutes: 10 });
    expect(patienceEnds(request, { StartTime: '2026-01-05T09:00:00.000Z' })).toBe(Date.UTC(2026, 0, 5, 9, 10));
  });
});

test('a step that is reached without a capture says that the releases differ', () => {
  expect(() => captureOf({ request: GOOD })).toThrow('of different releases');
  expect(() => captureOf({ request: GOOD, capture: { done: false, waitSeconds: 5, busy: '' } })).toThrow();
});

test.each([
  [{ script: { document: 'Mine', parameters: { a: ['b'] } } }, 'Mine', { a: ['b'] }],
  [{ script: { document: 'Mine' } }, 'Mine', {}],
  [{ shell: ['a', 'b'] }, 'AWS-RunShellScript', { commands: ['a', 'b'] }],
  [{ powershell: ['a'] }, 'AWS-RunPowerShellScript', { commands: ['a'] }],
  [
    { s3Script: { url: 'https://s3.amazonaws.com/b/"x".sh', commandLine: 'x.sh 1' } },
    'AWS-RunRemoteScript',
    {
      sourceType: ['S3'],
      sourceInfo: ['{"path":"https://s3.amazonaws.com/b/\\"x\\".sh"}'],
      commandLine: ['x.sh 1'],
    },
  ],
])('%j becomes the document %s', (work, document, parameters) => {
  expect(commandOf(work)).toEqual({ document, parameters });
});
