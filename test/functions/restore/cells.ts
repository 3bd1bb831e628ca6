import type { Intercept } from '../../../local';
import type { ErrorName } from '../../../state-machine/errors';
import type { Stage, StageOptions } from '../../support/stage';
import { BOOKKEEPING } from './cells/bookkeeping';
import { INSTANCES } from './cells/instances';
import { ORIGINALS } from './cells/originals';
import { OTHERS } from './cells/others';

/** The last is Lambda's own, of a function that does not answer. */
type Ending = 'success' | ErrorName | 'Sandbox.Timedout';

/** One state of the world in which a run is restored: a row of the table in docs/design.md, and a test for each end. */
export interface Cell {
  /** What the instance has and is. */
  name: string;
  /** The changes that Restore asks EC2 for, and how EC2 refuses one. */
  does: string[];
  /** How the elevation ends, and how a recovery of it; '–': it cannot end so. */
  ends: [own: Ending | '–', recovery: Ending | '–'];
  /** From what it says; `i-…` is the instance, ‹app› the ARN of the profile app. */
  says: string;
  /** What is attached afterwards; `temp` is the run's own profile. */
  has: string[];
  /** The record afterwards. Default: closed. */
  record?: 'closed' | 'open' | 'none';
  options?: StageOptions;
  /** A new one for each test. */
  intercept?: () => Intercept;
  /** Before the elevation. */
  before?: (stage: Stage) => Promise<void>;
  /** In the middle of its script. */
  change?: (stage: Stage, temp: string) => Promise<void>;
  /** Right before the first look of Restore. */
  atRestore?: (stage: Stage) => Promise<void>;
  /** While it restores. */
  meanwhile?: (stage: Stage, restoring: string) => Promise<void>;
  /** The run has ended and was closed before the change; then it is recovered again. */
  closed?: true;
  /** Starts the elevation, instead of one that is in the middle of its script. */
  begin?: (stage: Stage) => Promise<string>;
}

export const CELLS: Cell[] = [...INSTANCES, ...ORIGINALS, ...OTHERS, ...BOOKKEEPING];

/** The cell as a row of the page. */
export const rowOf = ({ name, does, ends, says }: Cell): string => {
  const [own, recovery] = ends.map((end) => (/^(success|–)$/.test(end) ? end : `\`${end}\``));
  return `| ${name} | ${does.join(', ') || 'nothing'} | ${own} | ${recovery} | ${says} |`;
};
