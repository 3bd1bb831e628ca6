import { describe, expect, test } from '@jest/globals';
import { list, ofType, plain, synth } from './synth';

const stack = synth();
const guards = ofType(stack, 'Custom::StepUpReleaseGuard');
const [upgrade = '', closing = '', removal = ''] = ['upgrade', 'closing', 'removal'].map(
  (what) => guards.find(([, { Properties }]) => Properties.Guards === what)?.[0] as string,
);
const ids = Object.keys(stack.resources);
/** What the guards themselves need. */
const own = ids.filter((id) => /^StepUp(guardRelease|ReleaseGuard)/.test(id));
const others = ids.filter((id) => !own.includes(id));
const elevation = ofType(stack, 'AWS::StepFunctions::StateMachine')
  .map(([id]) => id)
  .find((id) => id.startsWith('StepUpelevation')) as string;
/** What starts elevations by itself. */
const starting = others.filter((id) => id.startsWith('StepUpSchedules'));
const recovering = others.filter((id) => id !== elevation && !starting.includes(id));
const dependsOn = (id: string): string[] => list((stack.resources[id] as { DependsOn?: string[] }).DependsOn ?? []);

describe('the guard', () => {
  test('is asked before anything else is changed', () => {
    expect(others.length).toBeGreaterThan(50);
    expect([...recovering, elevation].filter((id) => !dependsOn(id).includes(upgrade))).toEqual([]);
  });

  test('lets what starts elevations go before their machine, and come after it', () => {
    expect(starting.length).toBeGreaterThan(1);
    expect(starting.filter((id) => !dependsOn(id).includes(elevation))).toEqual([]);
  });

  test('is asked before anything else is deleted, and when all else is updated', () => {
    expect([...others, closing].filter((id) => !dependsOn(removal).includes(id))).toEqual([]);
  });

  test('is asked again when the elevation machine is deleted, and before anything that recovers is', () => {
    expect(dependsOn(elevation)).toContain(closing);
    expect(recovering.filter((id) => !dependsOn(closing).includes(id))).toEqual([]);
    const text = JSON.stringify(recovering.map((id) => stack.resources[id]));
    for (const first of [elevation, closing, removal]) expect(text).not.toContain(`"${first}"`);
  });

  test('needs nothing that waits for it', () => {
    const guarding = own.filter((id) => id !== removal && id !== closing);
    expect(guarding).toHaveLength(4);
    const text = JSON.stringify(guarding.map((id) => stack.resources[id]));
    expect(others.filter((id) => text.includes(`"${id}"`))).toEqual([]);
  });

  test('knows all that an upgrade could take', () => {
    const region = '<AWS::Region>';
    expect(plain(stack.resources[upgrade]?.Properties)).toEqual({
      ServiceToken: expect.stringMatching(/^<StepUpguardRelease\w+\.Arn>$/),
      ServiceTimeout: 600,
      Guards: 'upgrade',
      Deployment: `StepUp-${region}`,
      ElevationsPath: '/stepup/elevations/',
      CeilingsPath: `/stepup/ceilings/StepUp-${region}/`,
      Machine: `StepUp-${region}-elevation`,
      RestorableRoles: ['*'],
    });
  });

  test('has the same function under another id: CloudFormation lets none be exchanged', () => {
    const nameOf = (of: typeof stack) =>
      ofType(of, 'AWS::Lambda::Function')
        .filter(([id]) => id.startsWith('StepUpguardRelease'))
        .map(([id, { Properties }]) => [id, plain(Properties.FunctionName)]);
    expect(nameOf(stack)).toEqual([[expect.any(String), 'StepUp-<AWS::Region>-guardRelease']]);
    expect(nameOf(synth({ deployment: 'other' }))).toEqual(nameOf(stack));
  });

  test('has answered before CloudFormation stops waiting, and before its function is stopped', () => {
    const functions = ofType(stack, 'AWS::Lambda::Function').filter(([id]) => own.includes(id));
    expect(functions.map(([, { Properties }]) => Properties.Timeout)).toEqual([300]);
  });
});
