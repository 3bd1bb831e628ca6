import { describe, expect, test } from '@jest/globals';
import { awsCode, isAws, isDefiniteNo, isDenied, isThrottled, translate } from '../../functions/common/awsErrors';
import { StepUpError } from '../../state-machine/errors';

/** An error as an SDK client throws it. */
const sdk = (name: string, httpStatusCode: number | undefined, more: object = {}) =>
  Object.assign(new Error('what AWS said'), { name, $metadata: { httpStatusCode }, ...more });

/** An error of the network, as node throws it. */
const network = (code: string) => Object.assign(new Error(`read ${code}`), { code });

describe('every error that leaves a function has a name of ours, or is a bug', () => {
  test.each([
    ['IAM', sdk('AccessDenied', 403), 'AwsAccessDenied'],
    ['SSM', sdk('AccessDeniedException', 400), 'AwsAccessDenied'],
    ['EC2', sdk('UnauthorizedOperation', 403), 'AwsAccessDenied'],
    ['IAM slow', sdk('Throttling', 400), 'AwsUnavailable'],
    ['SSM slow', sdk('ThrottlingException', 400), 'AwsUnavailable'],
    ['EC2 slow', sdk('RequestLimitExceeded', 503), 'AwsUnavailable'],
    ['Lambda slow', sdk('TooManyRequestsException', 429), 'AwsUnavailable'],
    ['a fault', sdk('InternalError', 500), 'AwsUnavailable'],
    ['maintenance', sdk('ServiceUnavailable', 503), 'AwsUnavailable'],
    ['no answer', sdk('Error', undefined), 'AwsUnavailable'],
    ['an answer that never came', Object.assign(new Error('slow'), { name: 'TimeoutError' }), 'AwsUnavailable'],
    ['a connection reset', network('ECONNRESET'), 'AwsUnavailable'],
    ['a name that is not found', network('ENOTFOUND'), 'AwsUnavailable'],
    ['a quota', sdk('LimitExceededException', 409, { Code: 'LimitExceeded' }), 'QuotaExceeded'],
    ['any other answer', sdk('MalformedPolicyDocument', 400), 'AwsCallFailed'],
    ['a modelled one', sdk('NoSuchEntityException', 404, { Code: 'NoSuchEntity' }), 'AwsCallFailed'],
    ['one of ours', new StepUpError('InstanceBusy', 'busy'), 'InstanceBusy'],
    ['a bug', new TypeError('x is not a function'), 'TypeError'],
    ['something that is no error', 'thrown text', 'Error'],
  ])('%s', (_, error, name) => {
    expect(translate(error).name).toBe(name);
  });

  test('what AWS said is kept, for the reader and as the cause', () => {
    const said = sdk('MalformedPolicyDocument', 400);
    const { message, cause } = translate(said);
    expect(message).toContain('MalformedPolicyDocument: what AWS said');
    expect(cause).toBe(said);
  });

  test('translated twice it is the same', () => {
    const once = translate(sdk('AccessDenied', 403));
    expect(translate(once)).toBe(once);
  });
});

describe('the code of an error', () => {
  test.each([
    [sdk('NoSuchEntityException', 404), 'NoSuchEntity'],
    [sdk('NoSuchEntityException', 404, { Code: 'NoSuchEntity' }), 'NoSuchEntity'],
    [sdk('InvalidInstanceID.NotFound', 400), 'InvalidInstanceID.NotFound'],
    [network('ECONNRESET'), undefined],
    ['text', undefined],
    [undefined, undefined],
  ])('of %s is %s', (error, code) => {
    expect(awsCode(error)).toBe(code);
  });

  test('no AWS answer is no code that anybody asks for', () => {
    expect(isAws(new Error('NoSuchEntity'), 'NoSuchEntity')).toBe(false);
    expect(isDenied(network('ECONNRESET'))).toBe(false);
    expect(isThrottled(undefined)).toBe(false);
  });
});

describe('a definite no: what was asked for did not happen', () => {
  test.each([
    [sdk('InvalidParameters', 400), true],
    [sdk('InternalError', 500), false],
    [sdk('Error', undefined), false],
    [sdk('Error', 200), false],
    [network('ECONNRESET'), false],
    [new TypeError('bug'), false],
  ])('%s: %s', (error, expected) => {
    expect(isDefiniteNo(error)).toBe(expected);
  });
});
