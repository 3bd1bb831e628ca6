import { expect } from '@jest/globals';
import { answers, type Chain, denied, refuses, TIME } from '../example';

const ROLE = 'arn:aws:iam::123456789012:role/team/reader';
const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'sts:AssumeRole' }],
};
const assume = { RoleArn: ROLE, RoleSessionName: 'session-1' };

export const sts: Chain = {
  service: 'sts',
  seed: ({ asRoot }) =>
    asRoot('iam', 'CreateRole', {
      RoleName: 'reader',
      Path: '/team/',
      AssumeRolePolicyDocument: JSON.stringify(trust),
    }),
  examples: [
    answers(
      'GetCallerIdentity',
      {},
      {
        UserId: '123456789012',
        Account: '123456789012',
        Arn: 'arn:aws:iam::123456789012:root',
      },
    ),
    answers(
      'GetCallerIdentity',
      {},
      {
        UserId: expect.stringMatching(/^\(AIDA/),
        Account: '123456789012',
        Arn: 'arn:aws:iam::123456789012:user/nobody',
      },
      { as: 'nobody' },
    ),
    refuses(
      'GetCallerIdentity',
      {},
      'InvalidClientTokenId',
      expect.stringMatching(/^The security token included in the request is invalid/),
      'stranger',
    ),
    answers(
      'AssumeRole',
      assume,
      {
        Credentials: {
          AccessKeyId: expect.stringMatching(/^\(ASIA/),
          SecretAccessKey: '(opaque)',
          SessionToken: '(opaque)',
          Expiration: TIME,
        },
        AssumedRoleUser: {
          AssumedRoleId: expect.stringMatching(/^\(AROA \d+\):session-1$/),
          Arn: 'arn:aws:sts::123456789012:assumed-role/reader/session-1',
        },
      },
      { as: 'admin' },
    ),
    denied('sts', 'AssumeRole', assume),
    refuses('AssumeRole', assume, 'AccessDenied', 'Roles may not be assumed by root accounts.'),
    refuses(
      'AssumeRole',
      { ...assume, RoleSessionName: 'session:1' },
      'ValidationError',
      "1 validation error detected: Value 'session:1' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      'admin',
    ),
    refuses(
      'AssumeRole',
      { ...assume, DurationSeconds: 7200 },
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      'admin',
    ),
  ],
};
