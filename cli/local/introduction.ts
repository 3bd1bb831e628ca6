import { relative } from 'node:path';
import type { ListStateMachinesOutput } from '@aws-sdk/client-sfn';
import { onPath, type World } from '../../local';
import { card } from '../table';
import type { WorldFile } from './worldFile';

/** Says what the account holds, and what to try in it. */
export async function introduction(world: World, file: WorldFile, speed: number, api?: string): Promise<string> {
  const { stateMachines = [] }: ListStateMachinesOutput = await world.asRoot('states', 'ListStateMachines', {});
  const machines = stateMachines.map(({ stateMachineArn }) => stateMachineArn);
  const contents = seeded(file);
  const isEmpty = contents.every(([, value]) => value === '');
  const facts = card([
    ['account', `${world.account} in ${world.region}, at ${world.endpoint}`],
    ['clock', speed === 1 ? 'as fast as yours' : `${speed} times as fast as yours`],
    ['world', `${relative('.', file.path)}${isEmpty ? ': empty, the account begins with nothing' : ''}`],
    ...contents,
    ['machines', machines.join('\n') || 'none: the stack is not deployed'],
    ['API', api ?? ''],
  ]);
  const attempts = [...proposals(file, machines.length > 0), ...(api ? [asking(world)] : [])].map(
    (line) => `  ${line}`,
  );
  return [
    'An AWS account, embedded in this process:',
    facts.replace(/^/gm, '  '),
    ...withoutPowerShell(file),
    'In another shell, with the lines from the standard output:',
    ...attempts,
    'Ctrl-C ends the account, and says what is left.\n',
  ].join('\n');
}

function seeded({ world }: WorldFile): [string, string][] {
  const instances = Object.entries(world.instances).map(([id, { platform = 'Linux', state = 'running', ...more }]) => {
    const grants = more.tags['stepup:grants'];
    const profile = more.profile ? `profile ${more.profile}` : 'no profile';
    return `${id}: ${platform}, ${state}, ${profile}, ${grants ? `grants ${grants}` : 'not enrolled'}`;
  });
  const buckets = Object.entries(world.buckets).map(([name, { objects }]) => {
    const { length } = Object.keys(objects);
    return `s3://${name}: ${length === 1 ? '1 object' : `${length} objects`}`;
  });
  const names = (section: object) => Object.keys(section).join(', ');
  const ofRoles = Object.keys(world.roles).filter((name) => world.roles[name]?.profile);
  return [
    ['instances', instances.join('\n')],
    ['profiles', [...ofRoles, ...Object.keys(world.profiles)].join(', ')],
    ['roles', names(world.roles)],
    ['policies', names(world.policies)],
    ['users', names(world.users)],
    ['buckets', buckets.join('\n')],
  ];
}

/** Such an instance cannot even show who it is: an elevation ends in IdentityNotProven. */
function withoutPowerShell({ world }: WorldFile): string[] {
  const windows = Object.keys(world.instances).filter((id) => world.instances[id]?.platform === 'Windows');
  if (windows.length === 0 || onPath('pwsh', process.env.PATH)) return [];
  return [`! ${windows.join(', ')}: scripts for Windows need pwsh, which is not on this machine's PATH`];
}

/** Without a session curl leaves the header of its token out. */
const asking = ({ region }: World): string =>
  `curl --aws-sigv4 aws:amz:${region}:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-security-token: $AWS_SESSION_TOKEN" "$STEPUP_API/grants"`;

/** What the file proposes, as far as it can be done; or what works in any world. */
function proposals({ world }: WorldFile, deployed: boolean): string[] {
  const possible = world.try.filter((line) => deployed || !/\bnpx stepup\b|\bSTEPUP_API\b/.test(line));
  if (possible.length > 0) return possible;
  const enrolled = Object.entries(world.instances).find(([, { tags }]) => tags['stepup:grants']);
  const grant = enrolled?.[1].tags['stepup:grants']?.split(' ')[0];
  const run = `npx stepup run --instance ${enrolled?.[0]} --grant ${grant} --script FILE.sh`;
  return ['aws sts get-caller-identity', ...(deployed && enrolled ? [run] : [])];
}
