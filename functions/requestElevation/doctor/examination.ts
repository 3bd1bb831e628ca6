import type { Finding } from '../../../state-machine/api';
import { StepUpError } from '../../../state-machine/errors';
import type { InstanceCheck, InstanceCheckId } from '../../common/preflight/check';
import { OF_THE_INSTANCE } from '../../common/preflight/checks';
import type { Subject } from '../../common/preflight/subject';
import type { Evidence } from './evidence';

/** What an examination says. */
export type Answer = Pick<Finding, 'status' | 'finding'> & Partial<Pick<Finding, 'remedy' | 'error'>>;

/** One question of the doctor. It reads, and changes nothing. */
export interface Examination {
  /** A heading of docs/runbook.md. */
  id: string;
  check: string;
  look(evidence: Evidence): Promise<Answer>;
}

/** AWS did not tell what would have to be known. */
export class NotTold extends Error {}

export const ok = (finding: string): Answer => ({ status: 'ok', finding });
export const warning = (finding: string, remedy: string[] = []): Answer => ({ status: 'warning', finding, remedy });

export const checkOf = (id: InstanceCheckId): InstanceCheck =>
  OF_THE_INSTANCE.find((check) => check.id === id) as InstanceCheck;

/** How the preflight would refuse; undefined: it would not. @throws whatever AWS refuses to tell */
export async function refusalOf(check: InstanceCheck, subject: Subject): Promise<StepUpError | undefined> {
  try {
    await check.run(subject);
    return undefined;
  } catch (error) {
    if (error instanceof StepUpError) return error;
    throw error;
  }
}

export const withCore = <S extends Subject>(subject: S): S => ({
  ...subject,
  request: { ...subject.request, baseline: 'core' },
});

/**
 * What the preflight asks, too. What refuses baseline `inherit` alone is a warning: with `core` an elevation is possible.
 * @param well what to say if there is nothing to refuse
 * @param remedy commands that can be pasted
 */
export function ofThePreflight(
  id: InstanceCheckId,
  well: (evidence: Evidence) => Promise<Answer> | Answer,
  remedy: (evidence: Evidence) => Promise<string[]> | string[],
): Examination {
  const check = checkOf(id);
  return {
    id,
    check: check.title,
    look: async (evidence) => {
      const refusal = await refusalOf(check, evidence);
      if (!refusal) return well(evidence);
      const isForInherit = !(await refusalOf(check, withCore(evidence)));
      return {
        status: isForInherit ? 'warning' : 'failed',
        finding: refusal.message,
        remedy: [...(isForInherit ? [ASK_FOR_CORE] : []), ...(await remedy(evidence))],
        error: refusal.name,
      };
    },
  };
}

export const ASK_FOR_CORE = 'Ask with "baseline": "core" (--baseline core).';

/** What is asked of the profile that will be given back; an instance without one has nothing to lose. */
export const ofOriginal =
  (none: string, look: (evidence: Evidence) => Promise<Answer>) =>
  async (evidence: Evidence): Promise<Answer> => {
    if (!(await evidence.attached())) return ok(none);
    if (!(await evidence.profile())) throw new NotTold('IAM does not know the profile that the instance carries.');
    return look(evidence);
  };
