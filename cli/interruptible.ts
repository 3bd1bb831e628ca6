import { EXIT } from './exitCodes';
import { awsFailure, CommandFailure, isAwsFailure } from './failure';
import type { Surroundings } from './surroundings';

/** What is said when the work is not waited for, or AWS stops answering: how things stand by then, and what can be done. */
export interface LastWords {
  say(words: string): void;
  /** Is done on the first Ctrl-C, if there was none by then; only another one then ends the work. */
  first(act: () => void): void;
}

/** npm passes on the Ctrl-C that the terminal has sent to the whole group already: one that follows at once is the same. */
const SAME_MS = 500;

/**
 * Does work that Ctrl-C may end at any moment. Only the waiting ends, whatever was begun goes on: the last words say it.
 * @returns the work's exit code, or that of Ctrl-C
 */
export async function interruptible(
  around: Surroundings,
  atFirst: string,
  work: (lastWords: LastWords) => Promise<number>,
): Promise<number> {
  let words = atFirst;
  const lastWords: LastWords = {
    say: (latest) => {
      words = latest;
    },
    first: (act) => {
      first = act;
    },
  };
  let first: (() => void) | undefined;
  let firstAt = Number.NEGATIVE_INFINITY;
  let stopListening = () => {};
  const interrupted = new Promise<number>((resolve) => {
    stopListening = around.onInterrupt(() => {
      const act = first;
      if (act || around.clock.now() - firstAt < SAME_MS) {
        first = undefined;
        if (act) firstAt = around.clock.now();
        return act?.();
      }
      stopListening();
      around.err(`\n${words}\n`);
      resolve(EXIT.interrupted);
    });
  });
  try {
    return await Promise.race([work(lastWords), interrupted]);
  } catch (error) {
    if (error instanceof CommandFailure && error.exitCode !== EXIT.awsFailed) throw error;
    const failure = isAwsFailure(error) ? awsFailure(error) : error;
    if (!(failure instanceof CommandFailure)) {
      around.err(`${words}\n`);
      throw error;
    }
    const { message, exitCode } = failure;
    throw new CommandFailure(`${message}\n${words}`.trimEnd(), exitCode, { cause: error });
  } finally {
    stopListening();
  }
}
