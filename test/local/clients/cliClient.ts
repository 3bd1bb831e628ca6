import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '../../../local/world';
import { awsCli, exported, refusalIn } from '../../support/awsCli';
import type { Client, Request } from './play';

const COMMANDS: Partial<Record<ServiceName, string>> = { states: 'stepfunctions', s3: 's3api' };

const kebab = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();

/** The AWS CLI, one process for each call; objects of S3 come from files and go into files. */
export function cliClient(folder: string): Client {
  const own = mkdtempSync(join(folder, 'cli-'));
  return {
    close: () => undefined,
    ask: async (request, endpoint) => {
      const file = join(own, 'object');
      const aws = awsCli(endpoint, own, exported(request.keys));
      const { exitCode, stdout, stderr } = await aws(...argumentsOf(request, file));
      if (exitCode === 0) {
        const answer = stdout.trim() === '' ? {} : JSON.parse(stdout);
        return { answer: request.operation === 'GetObject' ? { ...answer, Body: readFileSync(file, 'utf8') } : answer };
      }
      const refusal = refusalIn(stderr);
      if (!refusal) throw new Error(`aws ${request.service} ${request.operation}: ${stderr}`);
      return { refusal };
    },
  };
}

/** The CLI takes a body from a file, and wants an object's flags beside the file that the object goes into. */
function argumentsOf({ service, operation, input }: Request, file: string): string[] {
  const { Body, ...rest } = input as { Body?: string };
  const command = [COMMANDS[service] ?? service, kebab(operation), '--no-paginate'];
  if (operation === 'GetObject') {
    return [...command, ...Object.entries(rest).flatMap(([name, value]) => [`--${kebab(name)}`, String(value)]), file];
  }
  const args = [...command, '--cli-input-json', JSON.stringify(rest)];
  if (Body === undefined) return args;
  writeFileSync(file, Body);
  return [...args, '--body', file];
}
