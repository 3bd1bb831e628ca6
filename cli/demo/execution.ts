import { setTimeout as sleep } from 'node:timers/promises';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Course } from '../course';
import { inWords, type Machine } from '../follow';
import { watch } from '../watch';
import type { Progress, Step } from './progress';

/** The demo's account lives ten times as fast as its reader: so does whoever looks at it. */
const HASTY = { now: () => Date.now(), sleep: (ms: number) => sleep(ms / 10) };

type OnState = (state: string, document: Course['document'], step: Step) => Promise<void>;

/** Shows every state of an execution as it is entered, until the execution has ended. */
export async function follow(
  { sfn, progress }: { sfn: SFNClient; progress: Progress },
  machine: Machine,
  executionArn: string,
  onState: OnState = async () => {},
): Promise<Course> {
  let step: Step | undefined;
  const course = await watch({ sfn, clock: HASTY }, executionArn, async (event, { document }) => {
    const { name } = event.stateEnteredEventDetails ?? {};
    if (!name) return;
    await step?.end();
    step = await progress.begin(inWords(machine, name));
    await onState(name, document, step);
  });
  await step?.end();
  return course;
}
