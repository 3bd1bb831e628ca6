import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/** Folders end with the suite that made them. */
const made: string[] = [];
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder for this suite. */
export function scratchFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `stepup-${purpose}-`));
  made.push(folder);
  return folder;
}
