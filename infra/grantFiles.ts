import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bind, GRANT_NAME, type GrantFile, grantFileSchema, INHERIT } from '../state-machine/catalogue';
import { parseOrExplain, readJson } from './config';
import { lintGrant } from './grantLint';

/**
 * Every NAME.json of a folder, linted, with its parameters bound.
 * @throws Error that names the folder, or the file and each wrong field
 */
export function readGrants(folder: string): Record<string, GrantFile> {
  if (!existsSync(folder)) throw new Error(`grantsFolder: ${folder} does not exist.`);
  if (!statSync(folder).isDirectory()) throw new Error(`grantsFolder: ${folder} is no folder.`);
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.json'))
    .map(({ name }) => name)
    .sort();
  if (files.length === 0) {
    throw new Error(
      `grantsFolder: ${folder} has no NAME.json: a grant is a file of that form, directly in the folder. Write at least one.`,
    );
  }
  return Object.fromEntries(files.map((file) => [basename(file, '.json'), readGrant(join(folder, file))]));
}

/** @throws Error that names the file and each wrong field */
export function readGrant(file: string): GrantFile {
  const name = basename(file, '.json');
  if (!GRANT_NAME.test(name))
    throw new Error(`${file}: a grant is named like its file; names match ${GRANT_NAME.source}`);
  if (name === INHERIT) throw new Error(`${file}: 'inherit' is the name of a baseline and of its ceiling`);
  const grant = parseOrExplain(file, grantFileSchema, readJson(file));
  const bound = { ...grant, policy: bind(grant.policy, grant.parameters ?? {}) };
  const problems = lintGrant(grant, bound.policy);
  if (problems.length > 0) throw new Error(`${file} is not a grant.\n${problems.map((it) => `✖ ${it}`).join('\n')}`);
  return bound;
}
