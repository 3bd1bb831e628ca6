import { paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import type { Command } from 'commander';
import { grantsSchema } from '../../state-machine/api';
import type { Grant } from '../../state-machine/catalogue';
import { nearest } from '../../state-machine/nearest';
import { type ApiOptions, connectApi, isByApi, maybeAsking } from '../api/connect';
import { refused } from '../failure';
import type { Surroundings } from '../surroundings';
import { card, table } from '../table';
import { connect, talking } from './options';

const HELP = `
Examples:
  stepup grants
  stepup grants run-remote-script    # what it allows
  stepup grants --json`;

interface Shown {
  name: string;
  description: string;
  maxMinutes: number;
  documents: string[];
  /** Whether an elevation may be held. */
  hold?: boolean | undefined;
  requesters?: string[] | null | undefined;
  /** Statements of its policy. */
  allows: unknown[];
}

/** As it is released; how it is shown. */
interface Granted {
  released: { name: string };
  shown: Shown;
}

export const grantsCommand = (around: Surroundings): Command =>
  maybeAsking(talking('grants'))
    .description('what this deployment can grant')
    .argument('[name]', 'of one grant: shows its policy')
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, options: ApiOptions) => {
      const all = isByApi(around, options) ? await readApi(around, options) : await readParameters(around, options);
      const wanted = name === undefined ? undefined : pick(all, name);
      const json = wanted?.released ?? all.map(({ released }) => released);
      if (options.json) around.out(`${JSON.stringify(json, null, 2)}\n`);
      else around.out(`${wanted ? details(wanted.shown) : overview(all)}\n`);
    });

async function readApi(around: Surroundings, options: ApiOptions): Promise<Granted[]> {
  const api = await connectApi(around, options);
  const { grants } = await api.get('/grants', grantsSchema);
  return grants.map((grant) => ({ released: grant, shown: grant }));
}

/** The release publishes each of its grants as a parameter. */
async function readParameters(around: Surroundings, options: ApiOptions): Promise<Granted[]> {
  const { clients, deployment } = await connect(around, options);
  const Path = `/stepup/${deployment.name}/grants`;
  const grants: Granted[] = [];
  for await (const { Parameters = [] } of paginateGetParametersByPath({ client: clients.ssm }, { Path })) {
    for (const { Name = '', Value = '{}' } of Parameters) {
      const released = { name: Name.slice(Path.length + 1), ...(JSON.parse(Value) as Grant) };
      grants.push({ released, shown: { ...released, allows: released.policy.Statement } });
    }
  }
  return grants.sort((a, b) => (a.released.name < b.released.name ? -1 : 1));
}

function pick(grants: Granted[], name: string): Granted {
  const names = grants.map(({ released }) => released.name);
  const found = grants.find(({ released }) => released.name === name);
  if (found) return found;
  const near = nearest(name, names);
  throw refused(
    `There is no grant '${name}'${near ? `; did you mean '${near}'?` : '.'} There is: ${names.join(', ')}.`,
  );
}

const overview = (grants: Granted[]): string =>
  table(
    ['GRANT', 'MINUTES', 'DESCRIPTION'],
    grants.map(({ shown: { name, maxMinutes, description } }) => [name, String(maxMinutes), description]),
    { right: [1] },
  );

const details = ({ name, description, maxMinutes, documents, hold, requesters, allows }: Shown): string =>
  card([
    ['Grant', name],
    ['Description', description],
    ['At most', `${maxMinutes} minutes`],
    ['Documents', documents.join('\n')],
    ['Hold', hold === false ? 'not allowed' : ''],
    ['Requesters', requesters?.join('\n') ?? ''],
    ['Allows', JSON.stringify(allows, null, 2)],
  ]);
