import { afterEach, describe, expect, test } from '@jest/globals';
import { type Assumptions, createLocalAws, type LocalAws, operations } from '../../../local';
import { virtualClock } from '../../../local/clock/virtual';
import { rootPrincipal } from '../../../local/wire';
import type { Call } from '../../../local/world';

const TRUST = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:context';

const open: LocalAws[] = [];
afterEach(async () => {
  for (const aws of open.splice(0)) await aws.close();
});

/** An instance with the profile `first`; there are `second` and `third`, too, and they are a minute old. */
async function account(assumptions: Partial<Assumptions>) {
  const clock = virtualClock();
  const shell = { run: async () => ({ exitCode: 0, stdout: '', stderr: '' }) };
  const aws = createLocalAws({ clock, assumptions, shell });
  open.push(aws);
  const { asRoot, ec2 } = aws.world;
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: TRUST });
  for (const name of ['first', 'second', 'third']) {
    await asRoot('iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument });
    await asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: name });
    await asRoot('iam', 'AddRoleToInstanceProfile', { InstanceProfileName: name, RoleName: name });
  }
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
  await asRoot('iam', 'AttachRolePolicy', { RoleName: 'first', PolicyArn });
  const pass = (seconds: number) => clock.run(clock.sleep(seconds * 1_000));
  await pass(60);
  const { id } = ec2.addInstance({ profile: 'first' });
  const associations = async () =>
    (await asRoot('ec2', 'DescribeIamInstanceProfileAssociations', {})).IamInstanceProfileAssociations;
  const [{ AssociationId }] = await associations();
  const replace = (Name: string) =>
    asRoot('ec2', 'ReplaceIamInstanceProfileAssociation', { AssociationId, IamInstanceProfile: { Name } }).then(
      ({ IamInstanceProfileAssociation }) => IamInstanceProfileAssociation,
    );
  return { aws, ...aws.world, pass, id, associations, AssociationId, replace };
}

type Account = Awaited<ReturnType<typeof account>>;

/** What `look` sees while the assumption holds, and what while it does not. */
async function both<Seen>(name: keyof Assumptions, look: (one: Account) => Promise<Seen>): Promise<[Seen, Seen]> {
  return [await look(await account({})), await look(await account({ [name]: false }))];
}

/** 'done', or the error's code. */
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error) => error.code,
  );

test('oneReplaceWins', async () => {
  const seen = await both('oneReplaceWins', async ({ replace, associations, pass }) => {
    await replace('second');
    await pass(9);
    const late = await outcome(replace('third'));
    await pass(30);
    const [{ IamInstanceProfile }, ...others] = await associations();
    const tooLate = await outcome(replace('first'));
    return [late, IamInstanceProfile.Arn.split('/').at(-1), others.length, tooLate];
  });
  expect(seen).toEqual([
    ['IncorrectState', 'second', 0, 'InvalidAssociationID.NotFound'],
    ['done', 'third', 0, 'InvalidAssociationID.NotFound'],
  ]);
});

test('oneReplaceWins: what was taken away comes back in no case', async () => {
  const seen = await both('oneReplaceWins', async ({ asRoot, AssociationId, replace }) => {
    await asRoot('ec2', 'DisassociateIamInstanceProfile', { AssociationId });
    return outcome(replace('second'));
  });
  expect(seen).toEqual(['IncorrectState', 'IncorrectState']);
});

test('sameProfileReplaceIsNoOp', async () => {
  const seen = await both('sameProfileReplaceIsNoOp', async ({ replace, AssociationId }) => {
    const { State, AssociationId: id } = await replace('first');
    return [State, id === AssociationId];
  });
  expect(seen).toEqual([
    ['associated', true],
    ['associating', false],
  ]);
});

describe('listsAreCurrent', () => {
  test('of what is there', async () => {
    const names = async ({ asRoot }: Account) => {
      const { Roles } = await asRoot('iam', 'ListRoles', {});
      return Roles.map(({ RoleName }: { RoleName: string }) => RoleName);
    };
    const seen = await both('listsAreCurrent', async (one) => {
      await one.asRoot('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName: 'third', RoleName: 'third' });
      await one.asRoot('iam', 'DeleteRole', { RoleName: 'third' });
      await one.pass(59);
      const before = await names(one);
      await one.pass(1);
      return [before, await names(one)];
    });
    const current = ['first', 'second'];
    expect(seen).toEqual([
      [current, current],
      [[...current, 'third'], current],
    ]);
  });

  test('of tags; a new role has those that it was made with', async () => {
    const seen = await both('listsAreCurrent', async ({ asRoot, pass }) => {
      const tag = (Value: string) => [{ Key: 'state', Value }];
      const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: TRUST });
      await asRoot('iam', 'CreateRole', { RoleName: 'new', AssumeRolePolicyDocument, Tags: tag('open') });
      await pass(30);
      await asRoot('iam', 'TagRole', { RoleName: 'new', Tags: tag('closed') });
      const read = async () => {
        const [{ Role }, { Tags }] = [
          await asRoot('iam', 'GetRole', { RoleName: 'new' }),
          await asRoot('iam', 'ListRoleTags', { RoleName: 'new' }),
        ];
        return [Role.Tags[0].Value, Tags[0].Value];
      };
      const before = await read();
      await pass(60);
      return [before, await read()].flat();
    });
    expect(seen).toEqual([Array(4).fill('closed'), ['open', 'open', 'closed', 'closed']]);
  });
});

test('commandsAreListed', async () => {
  const seen = await both('commandsAreListed', async ({ asRoot, id }) => {
    const Parameters = { commands: ['true'] };
    const input = { DocumentName: 'AWS-RunShellScript', InstanceIds: [id], Parameters };
    const { CommandId } = (await asRoot('ssm', 'SendCommand', input)).Command;
    const { Commands } = await asRoot('ssm', 'ListCommands', { CommandId });
    const { CommandInvocations } = await asRoot('ssm', 'ListCommandInvocations', { CommandId });
    return [Commands.length, CommandInvocations.length];
  });
  expect(seen).toEqual([
    [1, 1],
    [0, 1],
  ]);
});

test('instanceProfileKeyIsCurrent', async () => {
  const seen = await both('instanceProfileKeyIsCurrent', async ({ aws: { world }, replace, pass, id }) => {
    const createTags = operations(world).find(({ name }) => name === 'CreateTags')!;
    const input = { Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] };
    const profileKey = async () => {
      let key: unknown;
      const authorize: Call<unknown>['authorize'] = (_action, _resource, context) => {
        key = context?.['ec2:InstanceProfile'];
      };
      await createTags.run({ world, input, principal: rootPrincipal(world), requestId: 'r', authorize });
      return String(key).split('/').at(-1);
    };
    await pass(90);
    await replace('second');
    await pass(59);
    const before = await profileKey();
    await pass(1);
    return [before, await profileKey()];
  });
  expect(seen).toEqual([
    ['second', 'second'],
    ['first', 'second'],
  ]);
});

test('disassociateWhileAssociating', async () => {
  const seen = await both('disassociateWhileAssociating', async ({ asRoot, replace, pass }) => {
    const { AssociationId } = await replace('second');
    const first = await outcome(asRoot('ec2', 'DisassociateIamInstanceProfile', { AssociationId }));
    await pass(30);
    return [first, await outcome(asRoot('ec2', 'DisassociateIamInstanceProfile', { AssociationId }))];
  });
  expect(seen).toEqual([
    ['done', 'InvalidAssociationID.NotFound'],
    ['IncorrectState', 'done'],
  ]);
});

test('redriveCountInContext', async () => {
  const seen = await both('redriveCountInContext', async ({ asRoot, states, pass }) => {
    const definition = {
      StartAt: 'Look',
      States: {
        Look: { Type: 'Pass', Parameters: { 'execution.$': '$$.Execution' }, Next: 'Wait' },
        Wait: { Type: 'Wait', Seconds: 5, Next: 'LookAgain' },
        LookAgain: { Type: 'Pass', Parameters: { 'first.$': '$', 'execution.$': '$$.Execution' }, End: true },
      },
    };
    states.putStateMachine({ name: 'context', arn: MACHINE, definition, roleName: 'none' });
    const { executionArn } = await asRoot('states', 'StartExecution', { stateMachineArn: MACHINE });
    await asRoot('states', 'StopExecution', { executionArn });
    await asRoot('states', 'RedriveExecution', { executionArn });
    await pass(5);
    const { first, execution } = JSON.parse((await asRoot('states', 'DescribeExecution', { executionArn })).output);
    return [Object.keys(first.execution), Object.keys(execution)].map((keys) =>
      keys.filter((key) => /^Redrive/.test(key)),
    );
  });
  expect(seen).toEqual([
    [['RedriveCount'], ['RedriveCount', 'RedriveTime']],
    [[], []],
  ]);
});
