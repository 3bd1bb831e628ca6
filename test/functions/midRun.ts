import { expect } from '@jest/globals';
import { AwsError, type Intercept } from '../../local';
import { around } from '../support/faulty';
import { DEPLOYMENT, request, type Stage } from '../support/stage';
import { stateOf, withoutDraining } from '../support/worldState';
import { SETTLED } from './worlds';

/** Calls `act` once, right before the first invocation of a state's function. */
export function rightBefore(state: string, act: () => Promise<unknown>) {
  let done = false;
  return around(state, async (event, invoke) => {
    if (!done) await act();
    done = true;
    return invoke(event);
  });
}

/** The functions' calls of one operation, and what becomes of each. */
export function watch(
  name: string,
  become: Record<number, (proceed: () => Promise<unknown>) => Promise<unknown>> = {},
) {
  const calls: { input: Record<string, unknown> }[] = [];
  const intercept: Intercept = async ({ operation, principal, input }, proceed) => {
    const { DocumentName } = (input ?? {}) as { DocumentName?: string };
    const ours = principal.name?.startsWith(DEPLOYMENT) && DocumentName !== `${DEPLOYMENT}-ProveIdentity`;
    if (operation !== name || !ours) return proceed();
    calls.push({ input: input as Record<string, unknown> });
    return (become[calls.length] ?? ((go) => go()))(proceed);
  };
  return { calls, intercept };
}

export const answering =
  (code: string, status = 400) =>
  async () => {
    throw new AwsError(code, 'said by the test', status);
  };

/** Runs an elevation that fails after something was changed: whatever the reason, it must be undone. */
export async function undone(stage: Stage, input: object = request()) {
  const before = await stateOf(stage);
  const run = await stage.start(input);
  const { status, error, cause } = await stage.ended(run);
  const states = await stage.states(run);
  await stage.pass(2 * SETTLED);
  const { rest, draining } = withoutDraining(await stateOf(stage));
  for (const { inline } of Object.values(draining)) expect(inline).not.toContain('stepup-grant');
  return { status, error, cause, states, before, rest };
}

/** The ARN of the first run that a stage starts. */
export const FIRST = `arn:aws:states:us-east-1:123456789012:execution:${DEPLOYMENT}-elevation:run-1`;
