import { EXIT } from './exitCodes';
import { awsFailure, CommandFailure, isAwsFailure } from './failure';
import type { Surroundings } from './surroundings';

/** What is said when the work is not waited for, or AWS stops answering: how things stand by then, and what can be done. */
export interface LastWords {
  say(words: string): void;
}

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
  };
  let stopListening = () => {};
  const interrupted = new Promise<number>((resolve) => {
    stopListening = around.onInterrupt(() => {
      stopListening();
      around.err(`\n${words}\n`);
      resolve(EXIT.interrupted);
    });
  });
  try {
    return await Promise.race([work(lastWords), interrupted]);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    if (!isAwsFailure(error)) {
      around.err(`${words}\n`);
      throw error;
    }
    const { message, exitCode } = awsFailure(error);
    throw new CommandFailure(`${message}\n${words}`.trimEnd(), exitCode, { cause: error });
  } finally {
    stopListening();
  }
}
