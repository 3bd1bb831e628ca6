import { expect, test } from '@jest/globals';
import { createStage, request } from '../support/stage';

test('the script runs with the grant and the instance gets its profile back', async () => {
  const stage = await createStage();
  const run = await stage.start(request());
  const { status, output, error, cause } = await stage.ended(run);
  console.log(await stage.states(run), status, error, cause, output);
  expect(status).toBe('SUCCEEDED');
});
