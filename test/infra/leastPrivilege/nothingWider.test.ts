import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConditionContext, Decision, Principal } from '../../../local/world';
import { type Arena, createArena } from '../attacks/arena';
import { bringPeople, credentialsOf } from '../attacks/attackers';
import type { Attacker, Cell } from '../attacks/cell';
import { elevate } from '../attacks/moments';
import { functionName, PROD, role as roleArn, STACKS } from '../attacks/places';
import { cellsOf } from '../attacks/table';
import { synthWithCatalogue } from '../synth';
import { type Change, granted, type Statement, widenings } from './statements';

const assemblies = Object.fromEntries(
  Object.entries(STACKS).map(([deployment, stackName]) => [
    deployment,
    synthWithCatalogue({ restorableRoles: [roleArn('app*')], stackName, deployment }),
  ]),
);
const all = granted(assemblies[PROD]!);

/** What IAM was asked about an attack when it said no. */
interface Refusal {
  attempt: string;
  principal: Principal;
  action: string;
  resource: string;
  context?: ConditionContext;
}

let arena: Arena;
/** By role. */
const refusals = new Map<string, Refusal[]>();

const attackerOf = (role: string): Attacker => {
  if (role === 'schedules') return 'the schedules';
  return role === 'elevation' || role === 'recovery' ? `the ${role} machine` : (role as Attacker);
};

beforeAll(async () => {
  arena = await createArena(assemblies);
  await arena.during(bringPeople(arena.world).then(() => elevate(arena)));
  for (const role of new Set(all.map(({ role }) => role))) refusals.set(role, await refusalsOf(attackerOf(role)));
}, 60_000);
afterAll(() => arena.close());

/** Makes every attack of somebody, and hears what IAM refuses. */
async function refusalsOf(who: Attacker): Promise<Refusal[]> {
  const { world } = arena;
  const credentials = await arena.during(credentialsOf(world, who));
  const heard: Refusal[] = [];
  const { evaluate } = world.iam;
  let attempt = '';
  const listening = (principal: Principal, action: string, resource: string, context?: ConditionContext): Decision => {
    const decision = evaluate(principal, action, resource, context);
    if (!decision.allowed) heard.push({ attempt, principal, action, resource, ...(context && { context }) });
    return decision;
  };
  Object.assign(world.iam, { evaluate: listening });
  for (const cell of cellsOf(who).filter(({ residue }) => !residue)) {
    attempt = cell.attempt;
    await attack(cell, credentials);
  }
  Object.assign(world.iam, { evaluate });
  return heard;
}

async function attack({ deed }: Cell, credentials: Awaited<ReturnType<typeof credentialsOf>>): Promise<void> {
  if (typeof deed !== 'function') return void arena.evaluate(credentials, deed.action, deed.resource, deed.keys);
  await deed(arena.hands(credentials)).catch(() => undefined);
}

/** @returns the attacks that IAM would let through if the statement were so much wider */
async function letThrough({ granted: { role, sid }, apply }: Change): Promise<string[]> {
  const { world, during, clock } = arena;
  const policy = { RoleName: functionName(role), PolicyName: 'permissions' };
  const { PolicyDocument } = await world.asRoot('iam', 'GetRolePolicy', policy);
  const text = decodeURIComponent(PolicyDocument);
  const put = (PolicyDocument: string) =>
    during(
      world
        .asRoot('iam', 'PutRolePolicy', { ...policy, PolicyDocument })
        .then(() => clock.sleep(world.delays.iamPropagation * 2)),
    );
  const document: { Statement: Statement[] } = JSON.parse(text);
  const Statement = document.Statement.map((statement) => (statement.Sid === sid ? apply(statement) : statement));
  await put(JSON.stringify({ ...document, Statement }));
  const through = (refusals.get(role) ?? []).filter(
    ({ principal, action, resource, context }) => world.iam.evaluate(principal, action, resource, context).allowed,
  );
  await put(text);
  return [...new Set(through.map(({ attempt }) => attempt))];
}

describe('nothing is wider than it must be: an attack would come through', () => {
  test.each(widenings(all))('$what', async (change) => {
    expect(await letThrough(change)).not.toEqual([]);
  });
});
