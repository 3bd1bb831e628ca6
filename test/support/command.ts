import { main } from '../../cli/main';
import type { Surroundings } from '../../cli/surroundings';
import type { LocalAws } from '../../local';
import type { Stage } from './stage';

/** What a command printed, and how it ended. */
export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Sends requests to the account's APIs in this process, without a socket. */
export const fetchFrom =
  ({ world }: Pick<LocalAws, 'world'>): Surroundings['fetch'] =>
  async (url, { method, headers, body = '' }) => {
    const { host, pathname: path, search } = new URL(url);
    const request = { method, path, query: search.slice(1), headers: { ...headers, host } };
    const answer = await world.apiGateway.answer({ ...request, body: new Uint8Array(Buffer.from(body)) });
    const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as [string, string]);
    return new Response(Buffer.from(answer.body), { status: answer.status, headers: fields });
  };

/** Runs the command in this process, against the stage, in its virtual time. */
export async function stepup(stage: Stage, argv: string[], more: Partial<Surroundings> = {}): Promise<Ran> {
  const ran: Ran = { code: -1, out: '', err: '' };
  const around: Surroundings = {
    clients: () => ({ sfn: stage.sfn, ssm: stage.ssm, iam: stage.iam, scheduler: stage.scheduler }),
    confirm: async () => {
      throw new Error('Nobody should have been asked');
    },
    clock: stage.clock,
    fetch: fetchFrom(stage.aws),
    random: () => 0.5,
    command: 'stepup',
    out: (text) => {
      ran.out += text;
    },
    err: (text) => {
      ran.err += text;
    },
    onInterrupt: () => () => undefined,
    ...more,
  };
  ran.code = await stage.during(main(argv, around));
  return ran;
}
