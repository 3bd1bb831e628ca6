import { judge } from './judge';
import type { Schedule } from './schedule';

/** Plays one schedule and prints everything that happened. @returns the exit code: 1 when a promise is broken */
export async function replay(schedule: Schedule): Promise<number> {
  const { trace, broken, missed } = await judge(schedule);
  const time = (ms: number) => new Date(ms).toISOString().slice(11, 23);
  const lines = [
    ...trace.calls.map(({ at, by, operation, error, input }) => ({
      at,
      text: `${by ? `${by.run}.${by.place}` : 'by hand'} ${operation}${error ? ` -> ${error}` : ''} ${JSON.stringify(input).slice(0, 120)}`,
    })),
    ...trace.acts.map(({ at, what, done }) => ({ at, text: `*** ${what}${done ? '' : ' (refused)'}` })),
    ...trace.scripts.map(({ at, run, roleName }) => ({ at, text: `>>> the script of ${run} begins as ${roleName}` })),
    ...[...trace.elevations, ...trace.recoveries].map(({ endedAt = trace.end.at, name, status, error, cause }) => ({
      at: endedAt,
      text: `=== ${name}: ${status} ${error ?? ''} ${(cause ?? '').slice(0, 300)}`,
    })),
  ];
  lines.sort((one, other) => one.at - other.at);
  for (const { at, text } of lines) console.log(time(at), text);
  console.log(`\nAt the end: ${JSON.stringify(trace.end)}`);
  if (missed) console.log('A fault was never met: no run came by its place.');
  for (const { promise, says, what } of broken) console.log(`broken: promise ${promise}, ${says}: ${what}`);
  if (broken.length === 0) console.log('Every promise was kept.');
  return broken.length > 0 ? 1 : 0;
}
