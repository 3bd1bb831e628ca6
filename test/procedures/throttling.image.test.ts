import { expect, test } from '@jest/globals';
import { AwsError, type Intercept } from '../../local';
import { awsCli, describeWithAwsCli, exported, refusalIn } from '../support/awsCli';
import { scratchFolder } from '../support/scratch';
import { account } from './guide';

const folder = scratchFolder('throttling');

/** The AWS CLI with its standard retries, and when each of its attempts arrived (ms). */
async function retrying(answers: (attempt: number) => AwsError | undefined) {
  const arrivals: number[] = [];
  const intercept: Intercept = async (_, proceed) => {
    const error = answers(arrivals.push(Date.now()));
    if (error) throw error;
    return proceed();
  };
  const { aws, endpoint } = await account({ intercept });
  const settings = { AWS_RETRY_MODE: 'standard', AWS_MAX_ATTEMPTS: '3' };
  return { arrivals, cli: awsCli(endpoint, folder, { ...exported(aws.world.iam.rootKey), ...settings }) };
}

describeWithAwsCli('the AWS CLI', () => {
  test('comes back later when it is throttled', async () => {
    const throttled = new AwsError('Throttling', 'Rate exceeded', 400);
    const { arrivals, cli } = await retrying((attempt) => (attempt < 3 ? throttled : undefined));
    expect(await cli('iam', 'list-users')).toMatchObject({ exitCode: 0 });
    expect(arrivals).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = arrivals;
    // Some part of 1 s, then some part of 2 s; the rest is the way there and back.
    expect(second - first).toBeLessThan(3_000);
    expect(third - second).toBeLessThan(4_000);
  }, 30_000);

  test('gives up in the end, and says how often it has tried', async () => {
    const { arrivals, cli } = await retrying(
      () => new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503),
    );
    const { stderr } = await cli('ec2', 'describe-instances');
    expect(refusalIn(stderr)).toEqual({ code: 'RequestLimitExceeded', message: 'Request limit exceeded.' });
    expect(stderr).toContain('(reached max retries: 2)');
    expect(arrivals).toHaveLength(3);
  }, 30_000);

  test('asks once for what is denied or invalid', async () => {
    const denied = await retrying(() => new AwsError('AccessDenied', 'not authorized', 403));
    expect(refusalIn((await denied.cli('iam', 'list-users')).stderr)?.code).toBe('AccessDenied');
    expect(denied.arrivals).toHaveLength(1);
    const invalid = await retrying(() => undefined);
    const role = ['--role-name', 'role', '--assume-role-policy-document', '{'];
    const { stderr } = await invalid.cli('iam', 'create-role', ...role);
    expect(refusalIn(stderr)?.code).toBe('MalformedPolicyDocument');
    expect(invalid.arrivals).toHaveLength(1);
  }, 30_000);
});
