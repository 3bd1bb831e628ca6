import type { StageOptions } from '../../support/stage';

/** A flow with what it must come to: it throws where that is not so. */
export interface Scenario {
  name: string;
  /** @param options of its stage: which assembly, above all */
  play(options: StageOptions): Promise<void>;
}
