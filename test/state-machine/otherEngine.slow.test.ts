import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Engine } from '../support/engine';
import { type Moto, motoMissing, startMoto } from '../support/moto';
import { ourFunctions, sameAnswers } from './cases';

/*
 * The two ASL files, unchanged, in an engine that is not ours: moto's (5.2.1), which descends from LocalStack's and
 * shares no code with local/states. Only the waits of Retry are shortened there (test/support/moto.ts). Where it differs
 * from AWS: docs/local-aws.md, Other engines.
 */

const missing = motoMissing();
if (missing) {
  console.warn(`SKIPPED: ${missing}. Nothing shows here that the state machines run in moto's engine.`);
  test.skip(`SKIPPED: ${missing}`, () => undefined);
}

(missing ? describe.skip : describe)("moto's engine", () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => moto?.close());

  const engine: Engine = { run: (run) => moto.run(run) };
  describe('on the same answers', () => sameAnswers(engine, { timeouts: false }));
  describe('on our functions', () => ourFunctions(engine));
});
