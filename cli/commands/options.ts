import { Command, InvalidArgumentError, Option } from 'commander';
import { type Deployment, findDeployment } from '../deployment';
import type { Clients, Surroundings } from '../surroundings';

export interface CommonOptions {
  deployment?: string;
  region?: string;
  profile?: string;
  json?: boolean;
}

/** What every command that talks to a deployment has in common. */
export const talking = (name: string): Command =>
  new Command(name)
    .addOption(
      new Option('--deployment <name>', 'which StepUp, if there are several; or the ARN of its elevation machine').env(
        'STEPUP_DEPLOYMENT',
      ),
    )
    .option('--region <region>', 'instead of the one that your AWS configuration names', once())
    .option('--profile <name>', 'of your AWS configuration', once())
    .option('--json', 'print JSON to the standard output, and nothing else');

export interface Connection {
  clients: Clients;
  deployment: Deployment;
}

/** The clients, and the deployment that they find. */
export async function connect(around: Surroundings, options: CommonOptions): Promise<Connection> {
  const { region, profile } = options;
  const clients = await around.clients({ ...(region && { region }), ...(profile && { profile }) });
  return { clients, deployment: await findDeployment(clients.sfn, options.deployment) };
}

/** A value that is given once, and is not empty: `--baseline "$UNSET"` must not fall back to a default. */
export const once =
  <T = string>(read: (text: string) => T = (text) => text as T) =>
  (text: string, earlier: T | undefined): T => {
    if (earlier !== undefined) throw new InvalidArgumentError('Give it once.');
    if (text === '') throw new InvalidArgumentError('It is empty.');
    return read(text);
  };

/** Minutes, as 30, 45m or 2h. */
export function minutes(text: string): number {
  const [, figure, unit] = /^(\d{1,6})(m|min|h)?$/.exec(text) ?? [];
  if (!figure) throw new InvalidArgumentError('Give minutes, such as 30, 45m or 2h.');
  return Number(figure) * (unit === 'h' ? 60 : 1);
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Give a number from 1 to 9999.');
  return Number(text);
}
