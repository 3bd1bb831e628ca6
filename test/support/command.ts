import { main } from '../../cli/main';
import type { Surroundings } from '../../cli/surroundings';
import type { Stage } from './stage';

/** What a command printed, and how it ended. */
export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs the command in this process, against the stage, in its virtual time. */
export async function stepup(stage: Stage, argv: string[], more: Partial<Surroundings> = {}): Promise<Ran> {
  const ran: Ran = { code: -1, out: '', err: '' };
  const around: Surroundings = {
    clients: () => ({ sfn: stage.sfn, ssm: stage.ssm, iam: stage.iam }),
    confirm: async () => {
      throw new Error('Nobody should have been asked');
    },
    clock: stage.clock,
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
