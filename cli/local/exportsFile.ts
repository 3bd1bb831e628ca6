import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { refused } from '../failure';

/** The first line of a file of exports: one without it is somebody else's. */
const OURS = '# written by stepup local\n';

/** @throws CommandFailure (refused) unless the file can be made, or is one that an earlier account has left */
export const checkExports = (path: string): void => trying(() => check(path));

/** Writes for the owner's eyes only, also over a file that others could read. */
export const writeExports = (path: string, lines: string): void =>
  trying(() => {
    check(path);
    const file = openSync(path, 'w', 0o600);
    try {
      fchmodSync(file, 0o600);
      writeFileSync(file, OURS + lines);
    } finally {
      closeSync(file);
    }
  });

/** Leaves a file that somebody has written anew meanwhile. */
export function removeExports(path: string, lines: string): void {
  const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile();
  if (isFile && readFileSync(path, 'utf8') === OURS + lines) rmSync(path);
}

function trying(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw refused(`The file of --exports cannot be written: ${(error as Error).message}`);
  }
}

function check(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isFile() === false) throw new Error(`${path} is no regular file`);
  if (there && !readFileSync(path, 'utf8').startsWith(OURS)) {
    throw new Error(`${path} is there already, and stepup local has not written it. Remove it, or name another.`);
  }
  if (!statSync(dirname(path)).isDirectory()) throw new Error(`${dirname(path)} is no folder`);
  accessSync(there ? path : dirname(path), constants.W_OK);
}
