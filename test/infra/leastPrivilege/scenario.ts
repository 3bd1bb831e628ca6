import type { StageOptions } from '../../support/stage';

/** A flow with what it must come to: it throws where that is not so. */
export interface Scenario {
  name: string;
  /** Actions that the embedded AWS never asks IAM for: it finds them in the template. */
  reads?: string[];
  /** @param options of its stage: which assembly, above all */
  play(options: StageOptions): Promise<void>;
}
