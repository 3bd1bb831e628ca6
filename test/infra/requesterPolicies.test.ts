import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsCredentialIdentity } from '@smithy/types';
import { createLocalAws, type LocalAws } from '../../local';
import { virtualClock } from '../../local/clock/virtual';
import { makeRequester, read, signed } from '../support/api';
import { ASSEMBLY, INSTANCE } from '../support/deployed';
import { inProcessLauncher, warmSdk } from '../support/inProcess';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'security.md'), 'utf8');
const [, SECTION = ''] = PAGE.split('\n### Who may ask for what\n');
/** The policies of docs/security.md, by their headings. */
const POLICIES = new Map(
  (SECTION.split('\n### ')[0] ?? '').split('\n#### ').flatMap((text): [string, string][] => {
    const [, json] = /```json\n(.*?)```/s.exec(text) ?? [];
    return json ? [[text.slice(0, text.indexOf('\n')), json]] : [];
  }),
);

const OTHER = 'i-0fedcba9876543210';
const GRANT = 'run-remote-script';
const OTHER_GRANT = 'read-bucket-prefix';
const elevations = (grant: string, id: string) => `/grants/${grant}/instances/${id}/elevations`;

/** What may be asked, in words. */
const ASKED = {
  'the grants': ['GET', '/grants'],
  'all elevations': ['GET', '/elevations'],
  'the instance': ['GET', `/instances/${INSTANCE}`],
  "the instance's elevations": ['GET', `/instances/${INSTANCE}/elevations`],
  'another instance': ['GET', `/instances/${OTHER}`],
  "another instance's elevations": ['GET', `/instances/${OTHER}/elevations`],
  'an elevation': ['GET', `${elevations(GRANT, INSTANCE)}/run`],
  'an elevation with another grant': ['GET', `${elevations(OTHER_GRANT, INSTANCE)}/run`],
  'an elevation of another instance': ['GET', `${elevations(GRANT, OTHER)}/run`],
  'to start one': ['POST', elevations(GRANT, INSTANCE)],
  'to start one with another grant': ['POST', elevations(OTHER_GRANT, INSTANCE)],
  'to start one on another instance': ['POST', elevations(GRANT, OTHER)],
  'to start one with a grant whose name begins so': ['POST', elevations(`${GRANT}-2`, INSTANCE)],
  'to release one': ['POST', `${elevations(GRANT, INSTANCE)}/run/release`],
  'to release one with another grant': ['POST', `${elevations(OTHER_GRANT, INSTANCE)}/run/release`],
  'to release one of another instance': ['POST', `${elevations(GRANT, OTHER)}/run/release`],
} as const;
type What = keyof typeof ASKED;

/** Whom IAM lets ask for what, by each policy; all the rest it refuses. */
const LETS: Record<string, What[]> = {
  'One grant on every instance': [
    ...(['the grants', 'an elevation', 'an elevation of another instance', 'to start one'] as const),
    ...(['to start one on another instance', 'to release one', 'to release one of another instance'] as const),
  ],
  'One grant on one instance': [
    ...(['the grants', 'the instance', "the instance's elevations", 'an elevation'] as const),
    ...(['to start one', 'to release one'] as const),
  ],
  'Reading only': [
    ...(['the grants', 'the instance', "the instance's elevations", 'another instance'] as const),
    ...(["another instance's elevations", 'an elevation', 'an elevation with another grant'] as const),
    'an elevation of another instance',
  ],
  'Releasing only': ['an elevation', 'to release one'],
  'Every request': Object.keys(ASKED) as What[],
};

test('each policy of the page is tried', () => {
  expect([...POLICIES.keys()]).toEqual(Object.keys(LETS));
});

test.each([...POLICIES])('%s has a wildcard at the end of an ARN only, behind a whole part of a path', (_, policy) => {
  const arns: string[] = JSON.parse(policy).Statement.flatMap(({ Resource }: { Resource: string[] }) => Resource);
  for (const arn of arns)
    expect(arn).toMatch(/^arn:aws:execute-api:[^*]+:a1b2c3d4e5\/v1\/[^*]*[^*/](\/\*)?$|\/v1\/\*$/);
});

const clock = virtualClock();
let aws: LocalAws;
const sessions = new Map<string, AwsCredentialIdentity>();
beforeAll(async () => {
  aws = createLocalAws({ clock, launcher: inProcessLauncher(() => aws) });
  await warmSdk(aws);
  await clock.run(aws.deploy(ASSEMBLY, { assumeCreated: true }));
  const [{ apiId = '' } = {}] = aws.world.apiGateway.stages();
  for (const [name, policy] of POLICIES) {
    const ours = policy.replaceAll('a1b2c3d4e5', apiId);
    sessions.set(name, await clock.run(makeRequester(aws, name.replaceAll(' ', '-'), ours)));
  }
});
afterAll(() => aws.close());

async function ask(policy: string, method: string, path: string, body?: object) {
  const headers = { 'idempotency-key': 'one' };
  const request = await signed(aws, sessions.get(policy)!, method, path, { headers, body });
  return read(await clock.run(aws.world.apiGateway.answer(request)));
}

describe.each(Object.entries(LETS))('%s', (policy, lets) => {
  test.each(Object.entries(ASKED))('%s', async (what, [method, path]) => {
    // Refused by the function for its body, its instance or its name, but not by IAM.
    const { status, body } = await ask(policy, method, path, method === 'POST' ? {} : undefined);
    const isDenied = body.title === 'NotAuthorized';
    expect([what, isDenied]).toEqual([what, !lets.includes(what as What)]);
    expect(isDenied ? [status, body.errors[0].detail] : [status < 500]).toEqual(
      isDenied
        ? [403, expect.stringContaining(`because no identity-based policy allows the execute-api:Invoke`)]
        : [true],
    );
  });
});

/** Paths that the policy of one grant on one instance lets through, or seems to, and what comes of them. */
describe('tricks with a path', () => {
  const run = { work: { shell: ['echo'] } };
  const own = elevations(GRANT, INSTANCE);
  test.each([
    ['up and over', `${own}/../../../../${OTHER_GRANT}/instances/${INSTANCE}/elevations`],
    ['up and over, encoded', `${own}/%2E%2E/%2e%2e/..%2F..%2F${OTHER_GRANT}/instances/${INSTANCE}/elevations`],
    ['another grant behind it', `${own}${elevations(OTHER_GRANT, INSTANCE)}`],
    ['an encoded slash', `/grants/${GRANT}/instances/${INSTANCE}%2Felevations`],
    ['an encoded grant', `/grants/${GRANT.replace('-', '%2D')}/instances/${INSTANCE}/elevations`],
    [
      'an encoded letter of another grant',
      `/grants/${OTHER_GRANT.replace('r', '%72')}/instances/${INSTANCE}/elevations`,
    ],
    ['twice a slash', `//grants/${GRANT}/instances/${INSTANCE}/elevations`],
    ['twice a slash inside', `/grants//${GRANT}/instances/${INSTANCE}/elevations`],
    ['a slash at the end', `${own}/`],
    ['a dot', `/grants/./${GRANT}/instances/${INSTANCE}/elevations`],
    ['another case', own.replace('grants', 'Grants')],
    ['a NUL', `${own}%00`],
    ['a wildcard for a grant', elevations('*', INSTANCE)],
    ['a wildcard for an instance', elevations(GRANT, '*')],
    ['a parameter of a path', `${own};grant=${OTHER_GRANT}`],
    ['a query', `${own}?grant=${OTHER_GRANT}`],
  ])('%s starts nothing', async (_, path) => {
    const { status } = await ask('One grant on one instance', 'POST', path, run);
    expect([400, 403, 404, 405]).toContain(status);
    const machine = 'arn:aws:states:us-east-1:123456789012:stateMachine:StepUp-us-east-1-elevation';
    const { executions } = await aws.world.asRoot('states', 'ListExecutions', { stateMachineArn: machine });
    expect(executions).toEqual([]);
  });
});
