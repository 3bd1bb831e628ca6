import { paginateGetParametersByPath, type SSMClient } from '@aws-sdk/client-ssm';
import type { Command } from 'commander';
import type { Grant } from '../../state-machine/catalogue';
import { nearest } from '../../state-machine/nearest';
import { refused } from '../failure';
import type { Surroundings } from '../surroundings';
import { card, table } from '../table';
import { type CommonOptions, connect, talking } from './options';

const HELP = `
Examples:
  stepup grants
  stepup grants run-remote-script    # what it allows
  stepup grants --json`;

type Released = Grant & { name: string };

export const grantsCommand = (around: Surroundings): Command =>
  talking('grants')
    .description('what this deployment can grant')
    .argument('[name]', 'of one grant: shows its policy')
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, options: CommonOptions) => {
      const { clients, deployment } = await connect(around, options);
      const all = await readGrants(clients.ssm, deployment.name);
      const wanted = name === undefined ? undefined : pick(all, name);
      if (options.json) around.out(`${JSON.stringify(wanted ?? all, null, 2)}\n`);
      else around.out(`${wanted ? details(wanted) : overview(all)}\n`);
    });

/** The release publishes each of its grants as a parameter. */
async function readGrants(client: SSMClient, deployment: string): Promise<Released[]> {
  const Path = `/stepup/${deployment}/grants`;
  const grants: Released[] = [];
  for await (const { Parameters = [] } of paginateGetParametersByPath({ client }, { Path })) {
    for (const { Name = '', Value = '{}' } of Parameters) {
      grants.push({ name: Name.slice(Path.length + 1), ...(JSON.parse(Value) as Grant) });
    }
  }
  return grants.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function pick(grants: Released[], name: string): Released {
  const names = grants.map((grant) => grant.name);
  const found = grants.find((grant) => grant.name === name);
  if (found) return found;
  const near = nearest(name, names);
  throw refused(
    `There is no grant '${name}'${near ? `; did you mean '${near}'?` : '.'} There is: ${names.join(', ')}.`,
  );
}

const overview = (grants: Released[]): string =>
  table(
    ['GRANT', 'MINUTES', 'DESCRIPTION'],
    grants.map(({ name, maxMinutes, description }) => [name, String(maxMinutes), description]),
    { right: [1] },
  );

const details = ({ name, description, maxMinutes, documents, policy }: Released): string =>
  card([
    ['Grant', name],
    ['Description', description],
    ['At most', `${maxMinutes} minutes`],
    ['Documents', documents.join('\n')],
    ['Allows', JSON.stringify(policy.Statement, null, 2)],
  ]);
