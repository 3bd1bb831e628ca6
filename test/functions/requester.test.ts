import { GetRoleCommand } from '@aws-sdk/client-iam';
import { describe, expect, test } from '@jest/globals';
import { tempName } from '../../functions/common/names';
import { requireAdmitted } from '../../functions/common/preflight/requester';
import { parseRecord } from '../../functions/common/record';
import type { Catalogue } from '../../state-machine/catalogue';
import { executionName, type Requester } from '../../state-machine/requester';
import { createStage, request } from '../support/stage';

const CALLER = {
  arn: 'arn:aws:sts::123456789012:assumed-role/Operators/ada',
  userId: 'AROAEXAMPLEEXAMPLE123:ada',
  key: '019aa000-0000-7000-8000-000000000001',
};
const CLOCK = {
  schedule: 'arn:aws:scheduler:us-east-1:123456789012:schedule/StepUp-us-east-1/nightly-export',
  scheduledTime: '2026-03-29T01:30:00Z',
};

describe("an execution's name", () => {
  test('is one that Step Functions takes, and sorts by the time in the key', () => {
    const later = { ...CALLER, key: '019aa001-0000-7000-8000-000000000000' };
    const names = [CALLER, later].map(executionName);
    for (const name of [...names, executionName(CLOCK), executionName({ ...CALLER, key: '~'.repeat(255) })]) {
      expect(name).toMatch(/^[a-zA-Z0-9-]{1,80}$/);
    }
    expect([...names].sort()).toEqual(names);
    expect(names[0]).toMatch(/^019aa000-0000-7000-8000-000000000001-/);
    expect(executionName(CLOCK)).toMatch(/^nightly-export-20260329T013000Z-/);
  });

  test.each<[string, Requester, Requester]>([
    ['another caller', CALLER, { ...CALLER, userId: 'AROAEXAMPLEEXAMPLE123:eve' }],
    ['a key in other letters', CALLER, { ...CALLER, key: CALLER.key.replace('aa', 'AA') }],
    ['another key that is no UUID', { ...CALLER, key: 'a' }, { ...CALLER, key: 'b' }],
    ['another time', CLOCK, { ...CLOCK, scheduledTime: '2026-03-30T01:30:00Z' }],
    [
      'a schedule of that name in another group',
      CLOCK,
      { ...CLOCK, schedule: CLOCK.schedule.replace('StepUp', 'Two') },
    ],
  ])('is another for %s', (_, one, other) => {
    expect(executionName(one)).not.toBe(executionName(other));
  });

  test('does not hang on the words of an ARN, which a rename of the role changes', () => {
    expect(executionName({ ...CALLER, arn: 'arn:aws:iam::123456789012:user/x' })).toBe(executionName(CALLER));
  });
});

describe('an elevation', () => {
  const recordOf = async (asked: object, name?: string) => {
    const lines: string[] = [];
    const stage = await createStage({ log: (line) => lines.push(line) });
    const arn = await stage.start(asked, name);
    const { status, error, cause } = await stage.ended(arn);
    if (status !== 'SUCCEEDED') return { error, cause };
    const { Role } = await stage.during(stage.iam.send(new GetRoleCommand({ RoleName: tempName(arn) })));
    const requesters = lines
      .map((line) => JSON.parse(line))
      .flatMap(({ step, requester }) => (step ? [requester] : []));
    return { requester: parseRecord(Role!).requester, requesters: [...new Set(requesters)] };
  };

  test.each<[string, Requester, string]>([
    ['the caller of the API', CALLER, `${CALLER.arn} ${CALLER.userId}`],
    ['the schedule', CLOCK, CLOCK.schedule],
  ])('has %s in its record and in every line of the log', async (_, requester, line) => {
    const told = await recordOf({ ...request(), requester }, executionName(requester));
    expect(told).toEqual({ requester: line, requesters: [line] });
  });

  test('that was started by hand is marked as that', async () => {
    expect(await recordOf(request())).toEqual({ requester: 'direct-start', requesters: ['direct-start'] });
  });

  test('that was started by hand cannot pass for a request', async () => {
    const told = await recordOf({ ...request(), requester: CALLER }, 'by-hand');
    expect(told).toEqual({ error: 'RequestInvalid', cause: expect.stringContaining("leave 'requester' out") });
  });

  test.each([
    ['nothing but a name', { arn: CALLER.arn }],
    ['a text', 'ada'],
    ['both', { ...CALLER, ...CLOCK }],
    ['an ARN with a line break', { ...CALLER, arn: `${CALLER.arn}\n{}` }],
  ])('whose requester is %s is refused', async (_, requester) => {
    const told = await recordOf({ ...request(), requester });
    expect(told).toMatchObject({ error: 'RequestInvalid', cause: expect.stringContaining('requester') });
  });
});

describe("a grant's requesters", () => {
  const catalogue = (requesters?: string[]) =>
    ({ grants: { g: { description: '', maxMinutes: 1, documents: [], requesters } } }) as unknown as Catalogue;

  test.each<[string, Requester | undefined, string[] | undefined]>([
    ['whoever IAM lets, if there are none', CALLER, undefined],
    ['a session of a role', CALLER, ['arn:aws:iam::*:user/x', 'arn:*:sts::*:assumed-role/Operators/*']],
    ['a schedule', CLOCK, ['arn:*:scheduler:*:*:schedule/*/nightly-export']],
    ['an administrator, who starts by hand', undefined, ['arn:aws:iam::123456789012:user/x']],
  ])('admit %s', (_, requester, requesters) => {
    expect(() => requireAdmitted(catalogue(requesters), 'g', requester)).not.toThrow();
  });

  test.each<[string, Requester, string]>([
    ['another role', CALLER, 'arn:*:sts::*:assumed-role/Operator/*'],
    ['a role whose name goes on', CALLER, 'arn:*:sts::*:assumed-role/Op/*'],
    ['the same in other letters', CALLER, 'arn:*:sts::*:assumed-role/operators/*'],
    ['a schedule, where callers are named', CLOCK, 'arn:*:sts::*'],
  ])('refuse %s, and say who may', (_, requester, pattern) => {
    expect(() => requireAdmitted(catalogue([pattern]), 'g', requester)).toThrow(
      expect.objectContaining({ name: 'RequesterNotAllowed', message: expect.stringContaining(pattern) }),
    );
  });
});
