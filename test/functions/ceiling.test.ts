import { describe, expect, test } from '@jest/globals';
import { cutActions } from '../../functions/common/preflight/ceiling';
import { GUARD_SIDS, GUARDS } from '../../infra/guards';
import { evaluate } from '../../local/iam/evaluate';
import { identityPolicy } from '../../local/iam/policyDocument';
import {
  bind,
  NEVER_COUNTED,
  ONLY_WHEN_NAMED,
  type PolicyDocument,
  type Statement,
} from '../../state-machine/catalogue';
import { randomOf } from '../explore/random';

const policy = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
});
const deny = (Action: string | string[], more: Partial<Statement> = {}): Statement => ({
  ...allow(Action, more),
  Effect: 'Deny',
});
const allowNot = (NotAction: string | string[]): Statement => ({ Effect: 'Allow', NotAction, Resource: '*' });

const SECURE = { Bool: { 'aws:SecureTransport': 'true' } };
const BUCKET = 'arn:aws:s3:::mine/*';

type Case = [what: string, statements: Statement[], cut: string[]];

describe('what a ceiling denies', () => {
  const ceiling = policy(allow('*'), deny(['iam:Create*', 'iam:Delete*']));

  test.each<Case>([
    ['nothing from a reader', [allow('s3:GetObject')], []],
    ['nothing from one who may look at IAM', [allow('iam:Get*')], []],
    ['from one who may do just that', [allow('iam:CreateRole')], ['iam:CreateRole']],
    ['in any case', [allow('IAM:createrole')], ['IAM:createrole']],
    ['from one whose wildcard meets it', [allow('iam:*Role')], ['iam:Create*', 'iam:Delete*']],
    ['from one who may do everything', [allow('*')], ['iam:Create*', 'iam:Delete*']],
    ['from one who may do everything, in two stars', [allow('*:*')], ['iam:Create*', 'iam:Delete*']],
    ['from everything but something', [allowNot('s3:*')], ['iam:Create*', 'iam:Delete*']],
    ['not from everything but that', [allowNot(['iam:*'])], []],
    ['only what is not left out', [allowNot(['iam:Create*'])], ['iam:Delete*']],
    ['nothing from a Deny of the original', [deny('iam:CreateRole')], []],
    ['nothing that the original denies itself', [allow('*'), deny('iam:*')], []],
    [
      'what the original denies sometimes',
      [allow('*'), deny('iam:*', { Condition: SECURE })],
      ['iam:Create*', 'iam:Delete*'],
    ],
    [
      'what the original denies of some',
      [allow('iam:CreateRole'), deny('iam:*', { Resource: BUCKET })],
      ['iam:CreateRole'],
    ],
  ])('%s', (_, statements, cut) => {
    expect(cutActions(ceiling, [policy(...statements)])).toEqual(cut);
  });

  test('from all policies, and each once', () => {
    const policies = [policy(allow('iam:CreateRole')), policy(allow(['iam:CreateUser', 'iam:CreateRole']))];
    expect(cutActions(ceiling, policies)).toEqual(['iam:CreateRole', 'iam:CreateUser']);
  });

  test.each<[string, Statement, string[]]>([
    ['only with a condition, is denied', deny('s3:*', { Condition: SECURE }), ['s3:GetObject']],
    ['of other resources, is not', deny('s3:*', { Resource: 'arn:aws:s3:::theirs/*' }), []],
    ['of some of them, is', deny('s3:*', { Resource: 'arn:aws:s3:::mine/secret/*' }), ['s3:GetObject']],
    [
      'of what a variable says, is',
      deny('s3:*', { Resource: 'arn:aws:s3:::${aws:PrincipalTag/team}/*' }),
      ['s3:GetObject'],
    ],
    ['of all but these, is not', deny('s3:*', { Resource: undefined, NotResource: BUCKET }), []],
    [
      'of all but others, is',
      deny('s3:*', { Resource: undefined, NotResource: 'arn:aws:s3:::theirs/*' }),
      ['s3:GetObject'],
    ],
  ])('%s', (_, statement, cut) => {
    expect(cutActions(policy(allow('*'), statement), [policy(allow('s3:GetObject', { Resource: BUCKET }))])).toEqual(
      cut,
    );
  });
});

describe('what a ceiling does not allow', () => {
  const team = 'arn:aws:s3:::${aws:PrincipalTag/team}/*';

  test.each<[string, Statement[], Statement[], string[]]>([
    ['an action', [allow(['s3:*', 'ec2:Describe*'])], [allow(['s3:GetObject', 'sqs:*'])], ['sqs:*']],
    ['more of an action than it has', [allow('s3:Get*')], [allow('s3:*')], ['s3:*']],
    ['everything but something', [allow('s3:*')], [allowNot('iam:*')], ['*']],
    ['nothing that both leave out', [allowNot('iam:Create*')], [allowNot('iam:*')], []],
    ['what only it leaves out', [allowNot('iam:*')], [allow('iam:GetRole')], ['iam:GetRole']],
    ['another resource', [allow('s3:*', { Resource: BUCKET })], [allow('s3:GetObject')], ['s3:GetObject on *']],
    [
      'nothing of its own resources',
      [allow('s3:*', { Resource: 'arn:aws:s3:::m*' })],
      [allow('s3:*', { Resource: BUCKET })],
      [],
    ],
    [
      'what it allows with a condition',
      [allow('s3:*', { Condition: SECURE })],
      [allow('s3:GetObject')],
      ['s3:GetObject on *'],
    ],
    [
      'nothing that has the condition, too',
      [allow('s3:*', { Condition: SECURE })],
      [allow('s3:GetObject', { Condition: { ...SECURE, StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } })],
      [],
    ],
    ['nothing with the same variable', [allow('s3:*', { Resource: team })], [allow('s3:Get*', { Resource: team })], []],
    [
      'what a variable may not be',
      [allow('s3:*', { Resource: team })],
      [allow('s3:Get*', { Resource: BUCKET })],
      [`s3:Get* on ${BUCKET}`],
    ],
    ['nothing that the original denies', [allow('s3:*')], [allow(['s3:Get*', 'sqs:*']), deny('sqs:*')], []],
  ])('%s', (_, ceiling, statements, cut) => {
    expect(cutActions(policy(...ceiling), [policy(...statements)])).toEqual(cut);
  });
});

const HERE = { partition: 'aws', region: 'us-east-1', account: '123456789012', deployment: 'StepUp-us-east-1' };
const guards = bind(policy(...GUARDS), HERE).Statement;

describe('the guards', () => {
  const ceiling = policy(allow('*'), ...guards);
  const machine = 'arn:aws:states:us-east-1:123456789012:stateMachine:StepUp-us-east-1-elevation';

  test('are known to the preflight by their Sids', () => {
    expect(GUARD_SIDS).toEqual(expect.arrayContaining([...NEVER_COUNTED, ...ONLY_WHEN_NAMED]));
    expect(GUARD_SIDS).toHaveLength(NEVER_COUNTED.length + ONLY_WHEN_NAMED.length + 2);
  });

  test.each<Case>([
    [
      'nothing from a wide role that changes no identities',
      [allow(['s3:*', 'states:*', 'lambda:*', 'ec2:Describe*'])],
      [],
    ],
    ['nothing from one who may tag', [allow('ec2:CreateTags')], []],
    ['nothing from one who may write metrics and logs', [allow(['cloudwatch:PutMetricData', 'logs:*'])], []],
    ['nothing from one who may attach profiles', [allow('ec2:*IamInstanceProfile*')], []],
    [
      "nothing from one who may start anybody's machines",
      [allow('states:StartExecution', { Resource: 'arn:aws:states:*:*:stateMachine:*' })],
      [],
    ],
    [
      'from one who may start ours by name',
      [allow('states:StartExecution', { Resource: machine })],
      ['states:StartExecution'],
    ],
    [
      'from one who may pass our roles',
      [allow('iam:PassRole', { Resource: 'arn:aws:iam::123456789012:role/stepup/*' })],
      ['iam:PassRole'],
    ],
    ['from one who may do all to flow logs', [allow('ec2:*FlowLogs')], ['ec2:DeleteFlowLogs']],
  ])('%s', (_, statements, cut) => {
    expect(cutActions(ceiling, [policy(...statements)])).toEqual(cut);
  });
});

const ACTIONS = [
  's3:GetObject',
  's3:PutObject',
  'iam:GetRole',
  'iam:CreateRole',
  'ec2:DeleteFlowLogs',
  'sqs:SendMessage',
];
const RESOURCES = ['arn:aws:s3:::a', 'arn:aws:s3:::a/x', 'arn:aws:s3:::b/x', 'arn:aws:iam::123456789012:role/app'];
const CONTEXTS = [{}, { team: 'a' }, { team: 'b' }, { team: 'a', secure: 'true' }];

/** Made of few parts, so that they meet often. */
function dice(seed: number) {
  const random = randomOf(seed);
  const one = <T>(of: T[]): T => of[Math.floor(random() * of.length)]!;
  const some = <T>(of: T[]): T[] => Array.from({ length: 1 + Math.floor(random() * 2) }, () => one(of));
  const action = () =>
    one([...ACTIONS, '*', '*:*', 's3:*', 's3:Get*', 'iam:*Role', 'iam:?etRole', 'S3:*object', 'ec2:*']);
  const resource = () =>
    one([
      ...RESOURCES,
      '*',
      '*',
      '*',
      'arn:aws:s3:::*',
      'arn:aws:s3:::?/x',
      'arn:aws:s3:::a*',
      'arn:aws:s3:::${aws:PrincipalTag/team}/*',
      'arn:aws:iam::*:role/*',
    ]);
  const condition = () =>
    one<Statement['Condition']>([
      undefined,
      SECURE,
      { StringEquals: { 'aws:PrincipalTag/team': 'a' } },
      { StringNotEquals: { 'aws:PrincipalTag/team': 'b' } },
    ]);
  const statement = (Effect: Statement['Effect']): Statement => ({
    Effect,
    [random() < 0.8 ? 'Action' : 'NotAction']: some([action(), action()]),
    [random() < 0.85 ? 'Resource' : 'NotResource']: some([resource(), resource()]),
    ...(random() < 0.4 && { Condition: condition() }),
  });
  const few = (most: number, effect: Statement['Effect']) =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, () => statement(effect));
  return { random, statement, few };
}

const compiled = (...statements: Statement[]) => identityPolicy(JSON.stringify(policy(...statements)));

/** What the original may do and the temp role may not. */
function* losses(original: Statement[], ceiling: Statement[]) {
  const [role, boundary] = [compiled(...original), compiled(...ceiling)];
  for (const { team, secure } of CONTEXTS as { team?: string; secure?: string }[]) {
    const context = new Map(
      Object.entries({ 'aws:principaltag/team': team, 'aws:securetransport': secure }).flatMap(([key, value]) =>
        value ? [[key, value]] : [],
      ) as [string, string][],
    );
    for (const action of ACTIONS) {
      for (const resource of RESOURCES) {
        const request = { action, resource, context };
        if (evaluate([role], undefined, request) !== undefined) continue;
        if (evaluate([role], boundary, request) !== undefined) yield { action, resource, team, secure };
      }
    }
  }
}

describe('against the embedded IAM', () => {
  const counted = guards.filter(({ Sid = '' }) => ![...NEVER_COUNTED, ...ONLY_WHEN_NAMED].includes(Sid));
  const ROUNDS = 800;

  test(`${ROUNDS} random policies under random ceilings: where nothing is said to be cut, nothing is`, () => {
    const seen = { silent: 0, cut: 0, alarms: 0 };
    for (let seed = 1; seed <= ROUNDS; seed += 1) {
      const { random, statement, few } = dice(seed);
      const original = [statement('Allow'), ...few(2, 'Allow'), ...few(1, 'Deny')];
      const own = random() < 0.5 ? [allow('*')] : [statement('Allow'), ...few(2, 'Allow')];
      const ceiling = [...own, ...few(1, 'Deny'), ...(random() < 0.5 ? counted : [])];
      const cut = cutActions(policy(...ceiling), [policy(...original)]);
      const [lost] = losses(original, ceiling);
      if (cut.length === 0)
        expect({ seed, original, ceiling, lost }).toEqual({ seed, original, ceiling, lost: undefined });
      seen[cut.length === 0 ? 'silent' : lost ? 'cut' : 'alarms'] += 1;
    }
    // It would be safe, and of no use, to be always alarmed.
    expect(seen.silent).toBeGreaterThan(ROUNDS / 10);
    expect(seen.cut).toBeGreaterThan(ROUNDS / 10);
    expect(seen.alarms).toBeLessThan(seen.cut);
  });
});
