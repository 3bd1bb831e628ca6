import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bind, GRANT_NAME, type GrantFile, grantFileSchema, INHERIT } from '../state-machine/catalogue';
import { parseOrExplain, readJson } from './config';
import { lintGrant } from './grantLint';

/** Every NAME.json of a folder, linted, with its parameters bound. */
export function readGrants(folder: string): Record<string, GrantFile> {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
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
