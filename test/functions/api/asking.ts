import { expect } from '@jest/globals';
import { type Answer, type Asked, api, type Caller } from '../../support/api';
import { createStage, DEPLOYMENT, INSTANCE, type Stage, type StageOptions } from '../../support/stage';
import { expectAsDocumented } from './contract';

export const STARTS = `/grants/run-remote-script/instances/${INSTANCE}/elevations`;
export const LONG = { work: { shell: ['sleep 3000'] }, durationMinutes: 60 };
export const HOLD = { work: { hold: {} }, durationMinutes: 45 };

/** A stage and its API; every answer is held against docs/openapi.json. */
export interface Asking {
  stage: Stage;
  /** Lines of requestElevation's log. */
  log: { level: string; message: string; [key: string]: unknown }[];
  ask: Caller['request'];
  /** As another role's session. */
  as(credentials: Parameters<ReturnType<typeof api>['as']>[0]): Caller['request'];
  start(body?: object, headers?: Record<string, string>): Promise<Answer>;
}

export async function asking(options: StageOptions = {}): Promise<Asking> {
  const log: Asking['log'] = [];
  const stage = await createStage({
    ...options,
    log: (line) => {
      const parsed = JSON.parse(line);
      if (parsed.function === 'requestElevation') log.push(parsed);
    },
  });
  const gateway = api(stage);
  const checked =
    (caller: Caller): Caller['request'] =>
    async (method, path, asked) => {
      const answer = await caller.request(method, path, asked);
      expectAsDocumented(method, path, answer);
      return answer;
    };
  const ask = checked(gateway);
  return {
    stage,
    log,
    ask,
    as: (credentials) => checked(gateway.as(credentials)),
    start: (body: object = { work: { shell: ['echo done'] } }, headers: Asked['headers'] = {}) =>
      ask('POST', STARTS, { body, headers }),
  };
}

export const executionArn = ({ aws: { world } }: Stage, name: string): string =>
  `arn:aws:states:${world.region}:${world.account}:execution:${DEPLOYMENT}-elevation:${name}`;

/** A problem's name, with where each of its errors is. */
export const problemIn = ({ status, body }: Answer) => ({
  status,
  title: body.title,
  wrong: body.errors?.map(({ pointer, parameter, header }: Record<string, string>) => pointer ?? parameter ?? header),
});

export const expectProblem = (answer: Answer, status: number, title: string, wrong?: string[]): void =>
  expect(problemIn(answer)).toEqual({ status, title, wrong });
