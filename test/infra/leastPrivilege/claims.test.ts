import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { synthWithCatalogue } from '../synth';
import { type Granted, granted } from './statements';

const FOLDER = join(__dirname, '..', '..', '..', 'infra', 'permissions');
const all = granted(synthWithCatalogue({ restorableRoles: ['arn:aws:iam::123456789012:role/app'] }));

/** A statement as somebody wrote it, and all the words about it. */
interface Sentence {
  sid: string;
  words: string;
}

/** Each begins where the one before it ends, so that a comment above belongs to what is below. */
function sentencesIn(source: string): Sentence[] {
  const starts = [...source.matchAll(/^ {2,4}(?:\.\.\.\(\w+ && \{\s+)?(\w+): may\(/gm)];
  return starts.map((start, at) => {
    const opening = source.lastIndexOf('({', start.index) + 2;
    const from = Math.max(opening, at === 0 ? 0 : endOf(source, starts[at - 1]!.index));
    const text = source.slice(from, endOf(source, start.index));
    const comments = text.match(/\/\/.*|\/\*[\s\S]*?\*\//g) ?? [];
    const reason = /\.because\(([\s\S]*?)\),?\s*$/.exec(text)?.[1] ?? '';
    return { sid: start[1]!, words: [...comments, reason].join(' ') };
  });
}

/** Where the sentence that begins here ends: its `because` is the last word. */
function endOf(source: string, begin: number): number {
  const because = source.indexOf('.because(', begin);
  const end = /\),?\n/.exec(source.slice(because));
  return because + (end ? end.index + end[0].length : 0);
}

/** Words that say that a statement reaches less than everything of its kind. */
const CLAIM =
  /\b(scoped?|only|limited?|restrict(s|ed)?|just|never|no others?|nothing else|no more than|narrow(ed|ly)?)\b/i;
/** Everything, or everything of one kind. */
const WIDE =
  /^\*$|:(role|policy|instance-profile|instance|document|function|stateMachine|execution)[:/](stepup\/elevations\/)?\*$/;

const isScoped = ({ resources, conditions }: Pick<Granted, 'resources' | 'conditions'>): boolean =>
  conditions.length > 0 || !resources.some((resource) => WIDE.test(resource));

/** Whose statements a file has. */
const ROLES: Record<string, string> = { machine: 'elevation', everyFunction: 'recover', doctor: 'requestElevation' };
/** Files whose statements another one takes in. */
const PARTS: Record<string, string[]> = { requestElevation: ['doctor'] };
const NO_STATEMENTS = ['index', 'permission'];
const files = readdirSync(FOLDER)
  .map((file) => file.replace('.ts', ''))
  .filter((file) => !NO_STATEMENTS.includes(file));

const sentencesOf = (file: string) => sentencesIn(readFileSync(join(FOLDER, `${file}.ts`), 'utf8'));

describe.each(files)('what is written over the statements of %s', (file) => {
  const sentences = sentencesOf(file);
  const statements = all.filter(({ role }) => role === (ROLES[file] ?? file));

  test('all of them are read', () => {
    const theirs = [file, ...(PARTS[file] ?? [])].flatMap(sentencesOf).map(({ sid }) => sid);
    const expected = statements.map(({ sid }) => sid);
    if (file in ROLES) expect(expected).toEqual(expect.arrayContaining(theirs));
    else expect([...theirs].sort()).toEqual(expected.filter((sid) => !COMMON.includes(sid)).sort());
  });

  test.each(sentences)('$sid: who says that it is scoped is right', ({ sid, words }) => {
    if (!CLAIM.test(words)) return;
    const statement = statements.find((one) => one.sid === sid)!;
    expect({ words, scoped: isScoped(statement) }).toEqual({ words, scoped: true });
  });
});

/** What stands over a whole file, or a group of statements, is about all of them: there stronger words count. */
const CLAIM_OVER_ALL = /\b(scoped|tagged|limited|restricted|enrolled instances only|only (tagged|enrolled))\b/i;

describe.each(files)('what is written over all of %s', (file) => {
  const source = readFileSync(join(FOLDER, `${file}.ts`), 'utf8');
  const groups = [
    ...source.matchAll(
      /\/\*\*([\s\S]*?)\*\/\s*(?:export )?const \w+ = \([\s\S]*?\): Permissions => \(\{([\s\S]*?)\n\}\)/g,
    ),
  ];
  test('holds of each', () => {
    for (const [, words = '', body = ''] of groups.filter(([, words = '']) => CLAIM_OVER_ALL.test(words))) {
      const sids = [...body.matchAll(/^ {2}(\w+): may\(/gm)].map(([, sid]) => sid);
      const unscoped = all.filter(
        (one) => one.role === (ROLES[file] ?? file) && sids.includes(one.sid) && !isScoped(one),
      );
      expect({ words, unscoped: unscoped.map(({ sid }) => sid) }).toEqual({ words, unscoped: [] });
    }
  });
});

/** In every function's role, from everyFunction. */
const COMMON = ['WriteLogs', 'Trace', 'KeepFailedEvents'];

test('a claim over a statement that reaches everything is seen', () => {
  const [first, second] = sentencesIn(`
export const f = (): Permissions => ({
  A: may('ec2:DescribeInstances').on(DESCRIBES).because('To look.'),
  // Scoped to tagged instances.
  B: may('ec2:StopInstances')
    .on(arns.instances)
    .because('To stop.'),
});`);
  expect(CLAIM.test(first!.words)).toBe(false);
  expect(CLAIM.test(second!.words)).toBe(true);
  const statement = { conditions: [], resources: ['arn:aws:ec2:us-east-1:123456789012:instance/*'] };
  expect(isScoped(statement)).toBe(false);
  expect(isScoped({ ...statement, conditions: [{ operator: 'Null', key: 'ec2:ResourceTag/x' }] })).toBe(true);
});
