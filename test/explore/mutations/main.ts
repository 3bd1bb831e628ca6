import { parseArgs } from 'node:util';
import { judge } from '../judge';
import { parse } from '../schedule';
import { type Effort, type Found, hunt } from './hunt';
import type { Mutation } from './mutation';
import { MUTATIONS } from './table';

const USAGE = `Removes one protection of StepUp after the other, and shows that the exploration finds it.

npm run explore:mutations                 all of docs/design.md's table 'Protections'
npm run explore:mutations -- --only NAME  these (may be repeated)
npm run explore:mutations -- --thorough   also where the table says that nothing finds it: every single fault and 300 storms
npm run explore:mutations -- --hints      only by the schedules that the table names
npm run explore:mutations -- --list       their names`;

/** Where something has to be found: every single fault, and storms. */
const THOROUGH: Effort = { each: 1, random: 300 };
/** Where nothing is expected: a sample. */
const SAMPLE: Effort = { each: 300, random: 0 };
const HINTS: Effort = { each: 0, random: 0 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      thorough: { type: 'boolean' },
      hints: { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(USAGE);
  if (values.list) return console.log(MUTATIONS.map(({ name }) => name).join('\n'));
  const chosen = MUTATIONS.filter(({ name }) => values.only?.includes(name) ?? true);
  if (chosen.length === 0) throw new Error(`There is no such protection.\n\n${USAGE}`);
  // The SDK's first call reads its configuration from disk, which virtual time does not wait for.
  await judge(parse('one'));
  let failed = 0;
  for (const mutation of chosen) {
    const effort = values.hints ? HINTS : mutation.unfound && !values.thorough ? SAMPLE : THOROUGH;
    const { line, passed } = await hunt(mutation, effort).then(
      (found) => verdict(mutation, found),
      (error: Error) => ({ line: `FAILED     ${mutation.name}: ${error.message}`, passed: false }),
    );
    console.log(line);
    if (!passed) failed += 1;
  }
  console.log(`\n${chosen.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function verdict({ name, unfound }: Mutation, { schedule, by, played }: Found) {
  const found = `by ${by} after ${played} schedules: ${schedule}`;
  if (schedule && unfound)
    return { line: `FOUND      ${name}  ${found}, though the table says: ${unfound}`, passed: false };
  if (schedule) return { line: `found      ${name}  ${found}`, passed: true };
  if (unfound) return { line: `unfound    ${name}  in ${played} schedules: ${unfound}`, passed: true };
  return { line: `NOT FOUND  ${name}  in ${played} schedules`, passed: false };
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 2;
});
