import { expect, test } from '@jest/globals';
import { describeWithAwsCli } from '../support/awsCli';
import { account, keysIn, writeDocument } from './guide';

const PATH = '/stepup/StepUp-us-east-1/grants';
const ARN = 'arn:aws:ssm:us-east-1:123456789012:parameter';

describeWithAwsCli('the catalogue in Parameter Store, by the AWS CLI', () => {
  test('somebody who may read the path finds every grant, and one of them by its name only if that is allowed too', async () => {
    const { aws, owner, withKeys } = await account({ delays: { iamPropagation: 0 } });
    const names = Array.from({ length: 12 }, (_, index) => `${PATH}/grant-${10 + index}`);
    for (const name of names) aws.world.ssm.putParameter({ name, value: JSON.stringify({ of: name }) });
    await owner.prints('iam create-user --user-name reader');
    const { AccessKey } = await owner.prints('iam create-access-key --user-name reader');
    const reader = withKeys(keysIn(AccessKey));
    const allow = async (...Action: string[]) => {
      const document = writeDocument('read.json', { Effect: 'Allow', Action, Resource: `${ARN}${PATH}*` });
      await owner.prints(`iam put-user-policy --user-name reader --policy-name p --policy-document ${document}`);
    };

    await allow('ssm:GetParametersByPath');
    const { Parameters } = await reader.prints('ssm', 'get-parameters-by-path', '--path', PATH);
    expect(Parameters.map(({ Name }: { Name: string }) => Name)).toEqual(names);
    const one = ['get-parameter', '--name', names[3]!];
    expect(await reader.refused('ssm', ...one)).toMatchObject({ code: 'AccessDeniedException' });

    await allow('ssm:GetParameter');
    const { Parameter } = await reader.prints('ssm', ...one);
    expect(JSON.parse(Parameter.Value)).toEqual({ of: names[3] });
  }, 60_000);
});
