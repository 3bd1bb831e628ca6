import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTANCE } from './deployed';
import { scratchFolder } from './scratch';

/** A schedule's file, daily at half past two in Berlin, when clocks are changed. */
export const scheduleFile = (more: object = {}, request: object = {}) => ({
  description: 'A nightly job',
  schedule: 'cron(30 2 * * ? *)',
  timeZone: 'Europe/Berlin',
  request: { instanceId: INSTANCE, grant: 'run-remote-script', work: { shell: ['echo done'] }, ...request },
  ...more,
});

/** A folder with these schedules, by name. */
export function scheduleFolder(files: Record<string, unknown>): string {
  const folder = scratchFolder('schedules');
  for (const [name, file] of Object.entries(files)) {
    writeFileSync(join(folder, `${name}.json`), typeof file === 'string' ? file : JSON.stringify(file));
  }
  return folder;
}
