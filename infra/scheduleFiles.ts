import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SCHEDULE_NAME, type ScheduleFile, scheduleFileSchema } from '../state-machine/schedule';
import { parseOrExplain, readJson } from './config';
import { judgeSchedule, type ScheduleCircumstances } from './scheduleLint';

export interface Schedule extends ScheduleFile {
  name: string;
  /** What may not be meant, as sentences. */
  warnings: string[];
}

/**
 * Every NAME.json of a folder, held against the grants of the release. There may be none.
 * @throws Error that names the folder, or the file and each wrong field
 */
export function readSchedules(folder: string, circumstances: ScheduleCircumstances): Schedule[] {
  if (!existsSync(folder)) throw new Error(`schedulesFolder: ${folder} does not exist.`);
  if (!statSync(folder).isDirectory()) throw new Error(`schedulesFolder: ${folder} is no folder.`);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.json'))
    .map(({ name }) => name)
    .sort()
    .map((file) => readSchedule(join(folder, file), circumstances));
}

/** @throws Error that names the file and each wrong field */
export function readSchedule(file: string, circumstances: ScheduleCircumstances): Schedule {
  const name = basename(file, '.json');
  if (!SCHEDULE_NAME.test(name)) {
    throw new Error(`${file}: a schedule is named like its file; names match ${SCHEDULE_NAME.source}`);
  }
  const schedule = parseOrExplain(file, scheduleFileSchema, readJson(file));
  const { faults, warnings } = judgeSchedule(name, schedule, circumstances);
  if (faults.length > 0) throw new Error(`${file} is not a schedule.\n${faults.map((it) => `✖ ${it}`).join('\n')}`);
  return { ...schedule, name, warnings };
}
