import type { InvokeResult, Launcher } from '../../local/world';
import type { TaskEvent } from '../../state-machine/document';

export type Invoke = (event: TaskEvent) => Promise<InvokeResult>;
/** What becomes of one invocation by a state machine. */
export type Fault = (event: TaskEvent, invoke: Invoke) => Promise<InvokeResult>;

/** Puts a fault around every invocation of a function by a state machine; rules go by. */
export const faulty =
  (fault: Fault) =>
  (launcher: Launcher): Launcher => ({
    launch: (fn, environment) => {
      const running = launcher.launch(fn, environment);
      return {
        close: () => running.close(),
        invoke: (event, context) => {
          const invoke: Invoke = (changed) => running.invoke(changed, context);
          return (event as Partial<TaskEvent>).state
            ? fault(event as TaskEvent, invoke)
            : running.invoke(event, context);
        },
      };
    },
  });

/** The same, around the invocations of one state's function. */
export const around = (state: string, fault: Fault) =>
  faulty((event, invoke) => (event.state.Name === state ? fault(event, invoke) : invoke(event)));
