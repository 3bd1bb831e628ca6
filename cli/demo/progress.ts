import { color, Listr, PRESET_TIMER } from 'listr2';

/** Something under way, which the terminal shows until it has ended. */
export interface Step {
  /** Adds a line below the step. */
  note(text: string): void;
  /** The same for what should not have happened: the step will not end well. */
  fail(text: string): void;
  end(error?: unknown): Promise<void>;
}

/** What the person at the terminal sees. */
export interface Progress {
  heading(text: string): void;
  say(text: string): void;
  begin(title: string): Promise<Step>;
  /** A step that ends with `work`. */
  step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T>;
  /** Ends what is still under way, and gives the terminal back. */
  close(): Promise<void>;
}

/** Live on a terminal, plain lines elsewhere. Every step begins with the real seconds since the process started. */
export function createProgress(output: NodeJS.WriteStream): Progress {
  const say = (text: string) => void output.write(`${text}\n`);
  // A terminal that does not know its width cannot be drawn on.
  const live = output.isTTY && output.columns > 0;
  const show = live ? beginLive : plainly(say);
  let latest: Step | undefined;
  const begin = async (title: string) => {
    latest = await show(title);
    return latest;
  };
  return {
    begin,
    say,
    close: async () => latest?.end(new Error('Stopped')),
    heading: (text) => say(`\n${live ? color.bold(text) : text}`),
    step: async (title, work) => {
      const step = await begin(title);
      try {
        const result = await work(step);
        await step.end();
        return result;
      } catch (error) {
        await step.end(error);
        throw error;
      }
    },
  };
}

const elapsed = () => `${(performance.now() / 1000).toFixed(1).padStart(5)} s`;
const indent = (text: string, by: string) => text.trimEnd().replace(/^/gm, by);

const plainly = (say: (text: string) => void) => async (title: string) => {
  say(`${elapsed()}  ${title}`);
  const note = (text: string) => say(indent(text, ' '.repeat(9)));
  return { note, fail: note, end: async () => {} };
};

/** One list per step: what has ended scrolls away, so that no list outgrows the terminal. */
async function beginLive(title: string): Promise<Step> {
  let finish: (error?: unknown) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    finish = (error) => (error ? reject(error) : resolve());
  });
  let shown: Promise<unknown> = ended;
  const task = await new Promise<{ output: string }>((resolve) => {
    const list = new Listr(
      {
        title: `${elapsed()}  ${title}`,
        task: (_, task) => {
          resolve(task);
          return ended;
        },
        rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY, timer: PRESET_TIMER },
      },
      // Ctrl-C is main's: there is a world to close.
      { registerSignalListeners: false, rendererOptions: { showErrorMessage: false, collapseErrors: false } },
    );
    shown = list.run();
  });
  const note = (text: string) => {
    task.output = text.trimEnd();
  };
  let failure: unknown;
  return {
    note,
    fail: (text) => {
      failure = new Error(text);
      note(text);
    },
    end: async (error = failure) => {
      finish(error);
      // The error is its caller's; here it only has been shown.
      await shown.catch(() => {});
    },
  };
}
