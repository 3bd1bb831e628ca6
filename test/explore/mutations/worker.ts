import { judge } from '../judge';
import { planned, type Wanted } from '../plan';
import { parse, type Schedule, show } from '../schedule';

/** What a mutant is asked to play: first these schedules, then those of the plans. */
export interface Task {
  hints: string[];
  plans: { wanted: Wanted; each: number }[];
}

/** Which schedule is next; one that may show the removal; at the end, how many were played. */
export type Told = { playing: string } | ({ played: number } & Suspect) | { played: number };
export interface Suspect {
  schedule: string;
  broken: { promise: number; says: string }[];
  ends: string[];
}

/** Plays until something looks as if a protection were missing, tells, and goes on when it is asked to. */
async function main(): Promise<void> {
  const { hints, plans } = JSON.parse(process.argv[2] as string) as Task;
  // The SDK's first call reads its configuration from disk, which virtual time does not wait for.
  await judge(parse('one'));
  let played = 0;
  const look = async (one: Schedule, whole: boolean) => {
    tell({ playing: show(one) });
    const { broken, ends, schedule } = await judge(one);
    played += 1;
    const fails = whole && ends.some((end) => end !== 'SUCCEEDED');
    if (broken.length === 0 && !fails) return;
    const answer = new Promise((resolve) => process.once('message', resolve));
    tell({ played, schedule, broken, ends: whole ? ends : [] });
    await answer;
  };
  for (const hint of hints) await look(parse(hint), true);
  for (const { wanted, each } of plans) {
    for await (const schedule of planned(wanted)({ index: 0, of: each }))
      await look(schedule, schedule.faults.length === 0);
  }
  tell({ played });
  process.disconnect();
}

const tell = (told: Told) => process.send?.(told);

main().catch((error: Error) => {
  console.error(error);
  process.exit(2);
});
