import type { Command } from 'commander';
import { type Diagnosis, diagnosisSchema, type Finding } from '../../state-machine/api';
import { instanceIdSchema } from '../../state-machine/document';
import { type ApiOptions, asking, connectApi } from '../api/connect';
import { EXIT } from '../exitCodes';
import { refused } from '../failure';
import type { Surroundings } from '../surroundings';
import { talking } from './options';

const HELP = `
Asks StepUp's API what an elevation would be refused for, and what is worth knowing before one. Nothing is changed. A finding is ok,
a warning (an elevation is possible, perhaps with another baseline), failed (none is), or unknown (AWS did not tell). Each check
has an entry in docs/runbook.md.

Examples:
  stepup doctor i-0123456789abcdef0
  stepup doctor i-0123456789abcdef0 --json

Exit codes: 0 an elevation can begin, as far as IAM shows, 1 none can, 2 there is no such instance, or a wrong command line, 4 AWS
or the API could not be reached or denied a call, 70 a mistake in this command.`;

export const doctorCommand = (around: Surroundings, end: (code: number) => void): Command =>
  asking(talking('doctor'))
    .description('why an instance cannot be elevated, and what to do about it')
    .argument('<instance>', 'its id')
    .addHelpText('after', HELP)
    .action(async (instanceId: string, options: ApiOptions) => {
      if (!instanceIdSchema.safeParse(instanceId).success)
        throw refused('An EC2 instance id looks like i-0123456789abcdef0.');
      const api = await connectApi(around, options);
      const diagnosis = await api.get(`/instances/${instanceId}`, diagnosisSchema);
      around.out(options.json ? `${JSON.stringify(diagnosis, null, 2)}\n` : `${shown(diagnosis, around)}\n`);
      end(diagnosis.elevatable ? EXIT.done : EXIT.workFailed);
    });

const MARKS: Record<Finding['status'], string> = { ok: '✔', warning: '!', failed: '✖', unknown: '?' };

/** Of what is written to no terminal. Lines that are longer than this are hard to read, those of a narrow terminal are shorter. */
const WIDTH = 120;
/** So much of a sentence stays together on the narrowest terminal. */
const NARROWEST = 40;
/** Sentences are broken, commands are not: they are to be pasted. */
const COMMAND = /^(aws|stepup|npx|sudo|Restart-Service) /;

function shown(diagnosis: Diagnosis, { columns = WIDTH, command }: Surroundings): string {
  const width = Math.max(...diagnosis.findings.map(({ id }) => id.length));
  const indent = ' '.repeat(width + 4);
  const room = Math.max(Math.min(columns, WIDTH) - indent.length, NARROWEST);
  const rows = diagnosis.findings.flatMap(({ id, status, finding, remedy }) => {
    const [first = '', ...rest] = wrap(finding, room);
    const todo = remedy.flatMap((line) =>
      COMMAND.test(line) ? [`    ${line.replace(/^stepup /, `${command} `)}`] : wrap(`→ ${line}`, room),
    );
    return [`${MARKS[status]} ${id.padEnd(width)}  ${first}`, ...[...rest, ...todo].map((line) => indent + line)];
  });
  return [`  ${'CHECK'.padEnd(width)}  FINDING, AND REMEDY`, ...rows, '', inShort(diagnosis)].join('\n');
}

function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
    if (lines.length > 0 && longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function inShort({ instanceId, elevatable, findings }: Diagnosis): string {
  const ids = (status: Finding['status']) => findings.filter((one) => one.status === status).map(({ id }) => id);
  const said = (what: string, names: string[]) => (names.length > 0 ? ` ${what}: ${names.join(', ')}.` : '');
  const more = `${said('Warnings', ids('warning'))}${said('Unknown', ids('unknown'))}`;
  if (!elevatable) return `✖ ${instanceId} cannot be elevated.${said('Failed', ids('failed'))}${more}`;
  const [first] = findings.filter(({ error }) => error !== null);
  const only = first ? `, not by the default: that is ${first.error} (${first.id})` : '';
  return `✔ ${instanceId} can be elevated, as far as IAM shows${only}.${more}`;
}
