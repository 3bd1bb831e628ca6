import { expect } from '@jest/globals';
import type { Diagnosis } from '../../../state-machine/api';
import { request, type Stage } from '../../support/stage';

/** The error of an elevation; undefined: it succeeded. */
async function ending(stage: Stage, more: object): Promise<string | undefined> {
  return (await stage.ended(await stage.start(request(undefined, more)))).error;
}

/**
 * What the doctor says must be what becomes of elevations: of the default one, and where that is refused of one with baseline
 * `core`. Returns the error of the first.
 */
export async function compare(stage: Stage, { elevatable, findings, grants }: Diagnosis): Promise<string | undefined> {
  const first = findings.find(({ error }) => error !== null);
  const said = [elevatable, first?.status, first?.error];
  const grant = grants[0] && first?.error !== 'GrantNotFound' ? grants[0] : 'run-remote-script';
  const error = await ending(stage, { grant });
  if (error === undefined) expect(said).toEqual([true, undefined, undefined]);
  // It is not enrolled for any grant that there is: what an elevation says hangs on which one it asks for.
  else if (first?.error === 'GrantNotFound') expect(said).toEqual([false, 'failed', 'GrantNotFound']);
  else if (elevatable) {
    expect(said).toEqual([true, 'warning', error]);
    expect(await ending(stage, { grant, baseline: 'core' })).toBeUndefined();
  } else expect(said.slice(0, 3)).toEqual([false, first?.status, error]);
  return error;
}
