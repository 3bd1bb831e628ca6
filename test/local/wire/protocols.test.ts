import {
  DescribeIamInstanceProfileAssociations$,
  DescribeIamInstanceProfileAssociationsCommand,
  EC2Client,
  StopInstances$,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateRole$,
  CreateRoleCommand,
  DeleteRole$,
  DeleteRoleCommand,
  GetRole$,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
} from '@aws-sdk/client-iam';
import {
  DescribeExecution$,
  DescribeExecutionCommand,
  SFNClient,
  StartExecution$,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SendCommand$, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AwsError, type Call, type Operation, operation, type ServiceName } from '../../../local/world';
import { CALLER, fakeAws, ROOT, SESSION } from '../support/fakeWorld';

const seen: unknown[] = [];
const answers = new Map<string, (call: Call<object>) => unknown>();
const define = (service: ServiceName, schema: { 2: string }): Operation =>
  operation<object, unknown>(service, schema, 'full', (call) => {
    seen.push(call.input);
    return answers.get(schema[2])?.(call) ?? {};
  });

const aws = fakeAws({
  operations: [
    define('ec2', DescribeIamInstanceProfileAssociations$ as never),
    define('ec2', StopInstances$ as never),
    define('iam', CreateRole$ as never),
    define('iam', GetRole$ as never),
    define('iam', DeleteRole$ as never),
    define('ssm', SendCommand$ as never),
    define('states', StartExecution$ as never),
    define('states', DescribeExecution$ as never),
  ],
});
let config: { endpoint: string; region: string; credentials: typeof ROOT; maxAttempts: number };
beforeAll(async () => {
  config = { endpoint: await aws.wire.listen(0), region: 'us-east-1', credentials: ROOT, maxAttempts: 1 };
});
afterAll(() => aws.wire.close());

const failing = (name: string, error: unknown) =>
  answers.set(name, () => {
    throw error;
  });

describe('EC2 query', () => {
  test('lists are flat in the request, items in the answer', async () => {
    answers.set('DescribeIamInstanceProfileAssociations', () => ({
      IamInstanceProfileAssociations: [
        { AssociationId: 'iip-assoc-1', State: 'associated', IamInstanceProfile: { Arn: 'a', Id: 'b' } },
      ],
      NextToken: '<&">',
    }));
    const output = await new EC2Client(config).send(
      new DescribeIamInstanceProfileAssociationsCommand({
        AssociationIds: ['iip-assoc-1', 'iip-assoc-2'],
        Filters: [{ Name: 'state', Values: ['associated', 'associating'] }],
        MaxResults: 7,
      }),
    );
    expect(seen.pop()).toEqual({
      AssociationIds: ['iip-assoc-1', 'iip-assoc-2'],
      Filters: [{ Name: 'state', Values: ['associated', 'associating'] }],
      MaxResults: 7,
    });
    expect(output.IamInstanceProfileAssociations).toEqual([
      { AssociationId: 'iip-assoc-1', State: 'associated', IamInstanceProfile: { Arn: 'a', Id: 'b' } },
    ]);
    expect(output.NextToken).toBe('<&">');
    expect(output.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('empty lists arrive as empty lists, booleans as booleans', async () => {
    answers.set('StopInstances', () => ({ StoppingInstances: [] }));
    const output = await new EC2Client(config).send(new StopInstancesCommand({ InstanceIds: ['i-1'], Force: true }));
    expect(seen.pop()).toEqual({ InstanceIds: ['i-1'], Force: true });
    expect(output.StoppingInstances).toEqual([]);
  });

  test('errors carry code, message and status', async () => {
    failing('StopInstances', new AwsError('InvalidInstanceID.NotFound', "The instance ID 'i-1' does not exist"));
    await expect(new EC2Client(config).send(new StopInstancesCommand({ InstanceIds: ['i-1'] }))).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-1' does not exist",
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('a denial names caller, action and resource', async () => {
    answers.set('StopInstances', (call) => call.authorize('ec2:StopInstances', 'arn:aws:ec2:us-east-1:1:instance/i-1'));
    const client = new EC2Client({ ...config, credentials: SESSION });
    await expect(client.send(new StopInstancesCommand({ InstanceIds: ['i-1'] }))).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      message: expect.stringContaining(
        `You are not authorized to perform this operation. User: ${CALLER.arn} is not authorized to perform: ec2:StopInstances on resource: arn:aws:ec2:us-east-1:1:instance/i-1 because no identity-based policy allows the ec2:StopInstances action. Encoded authorization failure message: `,
      ),
      $metadata: { httpStatusCode: 403 },
    });
  });
});

describe('IAM query', () => {
  test('lists have a member step, dates are dates, documents pass through', async () => {
    const CreateDate = new Date(1_767_603_600_000);
    const Role = {
      Path: '/',
      RoleName: 'r',
      RoleId: 'AROA',
      Arn: 'arn',
      CreateDate,
      AssumeRolePolicyDocument: '%7B%7D',
    };
    answers.set('CreateRole', () => ({ Role: { ...Role, Tags: [{ Key: 'a', Value: 'ä+ &' }] } }));
    const output = await new IAMClient(config).send(
      new CreateRoleCommand({
        RoleName: 'r',
        AssumeRolePolicyDocument: '{"a": "b+c&d=é"}',
        Tags: [
          { Key: 'a', Value: 'ä+ &' },
          { Key: 'b', Value: '' },
        ],
        MaxSessionDuration: 3600,
      }),
    );
    expect(seen.pop()).toEqual({
      RoleName: 'r',
      AssumeRolePolicyDocument: '{"a": "b+c&d=é"}',
      Tags: [
        { Key: 'a', Value: 'ä+ &' },
        { Key: 'b', Value: '' },
      ],
      MaxSessionDuration: 3600,
    });
    expect(output.Role).toEqual({ ...Role, Tags: [{ Key: 'a', Value: 'ä+ &' }] });
  });

  test('an operation without output answers with its metadata only', async () => {
    answers.delete('DeleteRole');
    const output = await new IAMClient(config).send(new DeleteRoleCommand({ RoleName: 'r' }));
    expect(output.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('modelled errors become the SDK’s classes; a denial says `role NAME`', async () => {
    failing('GetRole', new AwsError('NoSuchEntity', 'The role with name r cannot be found.', 404));
    const get = new GetRoleCommand({ RoleName: 'r' });
    await expect(new IAMClient(config).send(get)).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role with name r cannot be found.',
      $metadata: { httpStatusCode: 404 },
    });
    answers.set('GetRole', (call) => call.authorize('iam:GetRole', 'arn:aws:iam::123456789012:role/path/r'));
    await expect(new IAMClient({ ...config, credentials: SESSION }).send(get)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: ${CALLER.arn} is not authorized to perform: iam:GetRole on resource: role r because no identity-based policy allows the iam:GetRole action`,
    });
  });

  test('an operation that is not there is refused and says where to look', async () => {
    await expect(new IAMClient(config).send(new ListRolesCommand({}))).rejects.toMatchObject({
      name: 'InvalidAction',
      message: expect.stringContaining('docs/local-aws.md'),
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('a fault of an operation is a 500, and is heard of', async () => {
    const bug = new TypeError('bug');
    failing('GetRole', bug);
    const get = new GetRoleCommand({ RoleName: 'r' });
    await expect(new IAMClient(config).send(get)).rejects.toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500 },
    });
    expect(aws.faults.splice(0)).toEqual([bug]);
  });
});

describe('STS query', () => {
  test('the caller is who the key says', async () => {
    const client = new STSClient({ ...config, credentials: SESSION });
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '123456789012',
      Arn: CALLER.arn,
      UserId: CALLER.userId,
    });
  });
});

describe('JSON', () => {
  test('1.1 (SSM): maps, lists and dates with milliseconds', async () => {
    const RequestedDateTime = new Date(1_767_603_600_123);
    answers.set('SendCommand', () => ({
      Command: { CommandId: 'c', RequestedDateTime, Parameters: { commands: ['a'] }, Targets: [] },
    }));
    const output = await new SSMClient(config).send(
      new SendCommandCommand({
        DocumentName: 'd',
        InstanceIds: ['i-1'],
        Parameters: { commands: ['a', 'ü'] },
        TimeoutSeconds: 30,
      }),
    );
    expect(seen.pop()).toEqual({
      DocumentName: 'd',
      InstanceIds: ['i-1'],
      Parameters: { commands: ['a', 'ü'] },
      TimeoutSeconds: 30,
    });
    expect(output.Command).toEqual({ CommandId: 'c', RequestedDateTime, Parameters: { commands: ['a'] }, Targets: [] });
  });

  test('1.1 (SSM): errors by name, and a denial with a capital Message', async () => {
    failing('SendCommand', new AwsError('InvalidInstanceId', 'Instances not in a valid state for account'));
    const send = new SendCommandCommand({ DocumentName: 'd' });
    await expect(new SSMClient(config).send(send)).rejects.toMatchObject({
      name: 'InvalidInstanceId',
      message: 'Instances not in a valid state for account',
    });
    answers.set('SendCommand', (call) => call.authorize('ssm:SendCommand', 'arn:aws:ssm:us-east-1::document/d'));
    await expect(new SSMClient({ ...config, credentials: SESSION }).send(send)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /^User: .* is not authorized to perform: ssm:SendCommand on resource: arn:aws:ssm/,
      ),
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('1.0 (Step Functions): output and errors', async () => {
    const startDate = new Date(1_767_603_600_123);
    answers.set('StartExecution', () => ({ executionArn: 'arn', startDate }));
    const start = new StartExecutionCommand({ stateMachineArn: 'arn:m', input: '{"a":1}' });
    const client = new SFNClient(config);
    expect(await client.send(start)).toMatchObject({ executionArn: 'arn', startDate });
    expect(seen.pop()).toEqual({ stateMachineArn: 'arn:m', input: '{"a":1}' });
    failing('DescribeExecution', new AwsError('ExecutionDoesNotExist', "Execution Does Not Exist: 'arn'"));
    await expect(client.send(new DescribeExecutionCommand({ executionArn: 'arn' }))).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
      message: "Execution Does Not Exist: 'arn'",
    });
  });
});

describe('list indexes of a query', () => {
  const createRole = (change: (body: string) => string) => {
    const iam = new IAMClient(config);
    iam.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: string };
        request.body = change(request.body);
        return next(args);
      },
      { step: 'build', priority: 'high' },
    );
    const tags = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ];
    return iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: '{}', Tags: tags }));
  };

  test('01 is 1, and a gap closes', async () => {
    await createRole((body) => body.replace('member.1.Key', 'member.01.Key').replaceAll('member.2.', 'member.7.'));
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ];
    expect(seen.at(-1)).toMatchObject({ Tags });
  });

  test.each(['100000', '0', 'x'])('%s is malformed', async (place) => {
    const made = createRole((body) => body.replaceAll('member.2.', `member.${place}.`));
    await expect(made).rejects.toMatchObject({ name: 'MalformedInput', $metadata: { httpStatusCode: 400 } });
  });
});
