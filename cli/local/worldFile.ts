import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { nearest } from '../../state-machine/nearest';
import { refused } from '../failure';
import { type WorldDescription, worldSchema } from './worldSchema';
import { type Path, readYaml } from './yaml';

const EXAMPLES = join(__dirname, 'worlds');
export const DEFAULT_WORLD = 'ready-to-elevate';

/** A world file that has been read. */
export interface WorldFile {
  path: string;
  world: WorldDescription;
  /** Where an entry is, for a sentence: 'FILE, line 12, roles.app'. */
  where(path: Path): string;
}

export const exampleNames = (): string[] =>
  readdirSync(EXAMPLES)
    .map((file) => basename(file, '.yaml'))
    .sort();

/**
 * Reads a world file, or the example of that name.
 * @throws CommandFailure (refused) with every mistake, its line and its field
 */
export function readWorldFile(nameOrPath: string): WorldFile {
  const path = locate(nameOrPath);
  const yaml = readYaml(readText(path), path);
  const where = (at: Path) => `${path}, line ${yaml.lineOf(at)}, ${dotted(at)}`;
  const result = worldSchema.safeParse(yaml.value, { reportInput: true });
  const mistakes = result.success
    ? missingProfiles(result.data)
    : result.error.issues.flatMap((issue) => mistakesIn(issue, yaml.value));
  if (!result.success || mistakes.length > 0) {
    const lines = mistakes
      .map(({ at, message }) => ({ line: yaml.lineOf(at), text: `${dotted(at)}: ${message}` }))
      .sort((a, b) => a.line - b.line)
      .map(({ line, text }) => `  line ${line}, ${text}`);
    throw refused(`${path} describes no world:\n${lines.join('\n')}`);
  }
  return { path, world: result.data, where };
}

/** A bare word is an example's name, unless there is a file of that name. */
function locate(nameOrPath: string): string {
  const names = exampleNames();
  const isPath = /[/\\.]/.test(nameOrPath);
  if (!isPath && names.includes(nameOrPath)) return join(EXAMPLES, `${nameOrPath}.yaml`);
  if (isPath || existsSync(nameOrPath)) return resolve(nameOrPath);
  const meant = nearest(nameOrPath, names);
  const examples = `The examples are ${names.join(', ')}; anything else is the path of a file.`;
  throw refused(`There is no example world '${nameOrPath}'${meant ? `; did you mean '${meant}'?` : '.'} ${examples}`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refused(`The world file cannot be read: ${(error as Error).message}`);
  }
}

interface Mistake {
  at: Path;
  message: string;
}

/** EC2 would refuse these only when everything else is there. */
function missingProfiles({ instances, profiles, roles }: WorldDescription): Mistake[] {
  const ofRoles = Object.keys(roles).filter((name) => roles[name]?.profile);
  const known = [...Object.keys(profiles), ...ofRoles];
  return Object.entries(instances).flatMap(([id, { profile }]) => {
    if (profile === undefined || known.some((name) => name.toLowerCase() === profile.toLowerCase())) return [];
    const meant = nearest(profile, known);
    const hint = meant ? `did you mean '${meant}'?` : 'list it under profiles, or give its role profile: true';
    return [{ at: ['instances', id, 'profile'], message: `there is no instance profile '${profile}'; ${hint}` }];
  });
}

interface Issue {
  code?: string | undefined;
  path: PropertyKey[];
  message: string;
  expected?: unknown;
  keys?: string[];
  values?: unknown[];
  issues?: { message: string }[];
  input?: unknown;
}

/** Without the steps that a short form leaves out in the file. */
function written(path: Path, whole: unknown): Path {
  let here = whole;
  return path.filter((step) => {
    if (Array.isArray(here) && typeof step !== 'number') return false;
    here = (here as Record<PropertyKey, unknown> | null | undefined)?.[step];
    return true;
  });
}

/** What is wrong with a field, and what was probably meant. */
function mistakesIn(
  { code, message, expected, keys = [], values = [], issues = [], input, ...issue }: Issue,
  whole: unknown,
): Mistake[] {
  const path = written(issue.path, whole);
  if (code === 'unrecognized_keys') {
    const explained = message.split('\n');
    return keys.map((key, i) => ({ at: [...path, key], message: explained[i] ?? message }));
  }
  const one = (said: string) => [{ at: path, message: said }];
  if (code === 'invalid_key') return one(issues.map((cause) => cause.message).join('; '));
  if ((code === 'invalid_type' || code === 'invalid_value') && input === undefined) return one('is missing');
  if (expected === 'string' && ['number', 'boolean'].includes(typeof input)) {
    return one('must be a text: put it in quotes');
  }
  const meant = code === 'invalid_value' ? nearest(String(input), values.map(String)) : undefined;
  return one(meant ? `${message}; did you mean ${meant}?` : message);
}

/** roles.app.trust; names that would be misread are in brackets. */
const dotted = (path: Path): string =>
  path
    .map((step) => (/^[\w+=,@-]+$/.test(String(step)) ? `.${String(step)}` : `[${JSON.stringify(String(step))}]`))
    .join('')
    .replace(/^\./, '') || 'the file';
