import type { Surroundings } from './surroundings';

/** Command lines that find the same AWS and the same deployment again, to be pasted. */
export interface Again {
  stepup(...words: string[]): string;
  aws(...words: string[]): string;
}

interface Where {
  region?: string;
  profile?: string;
  deployment?: string;
  api?: string;
}

export function againAt(
  { command }: Pick<Surroundings, 'command'>,
  { region, profile, deployment, api }: Where,
): Again {
  const flag = (name: string, value: string | undefined) => (value ? [`--${name}`, value] : []);
  const where = [...flag('region', region), ...flag('profile', profile)];
  return {
    stepup: (...words) =>
      [command, ...words, ...where, ...flag('deployment', deployment), ...flag('api', api)].join(' '),
    aws: (...words) => ['aws', ...words, ...where].join(' '),
  };
}
