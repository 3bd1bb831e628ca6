import { AwsError, type Intercept } from '../../../local';
import type { Diagnosis, Finding } from '../../../state-machine/api';
import { diagnosisSchema } from '../../../state-machine/api';
import { type Api, api } from '../../support/api';
import { INSTANCE, type Stage } from '../../support/stage';

/** Each makes a requester of its own. */
const clients = new WeakMap<Stage, Api>();

/** What the doctor says of the stage's instance, asked through the API. */
export async function diagnosisOf(stage: Stage, instanceId = INSTANCE): Promise<Diagnosis> {
  const client = clients.get(stage) ?? api(stage);
  clients.set(stage, client);
  const { status, body } = await client.request('GET', `/instances/${instanceId}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return diagnosisSchema.parse(body);
}

export const findingOf = ({ findings }: Diagnosis, id: string): Finding => findings.find((one) => one.id === id)!;

/** The doctor's own calls, in the order in which they came. */
export function watchCalls(): { calls: string[]; intercept: Intercept } {
  const calls: string[] = [];
  return {
    calls,
    intercept: async ({ principal, operation, input }, proceed) => {
      if (principal.name?.endsWith('-requestElevation')) calls.push(`${operation} ${JSON.stringify(input)}`);
      return proceed();
    },
  };
}

/** The doctor, and nobody else, is answered like that. */
export const toTheDoctor =
  (name: string, code: string): Intercept =>
  async ({ principal, operation }, proceed) => {
    if (operation === name && principal.name?.endsWith('-requestElevation'))
      throw new AwsError(code, 'said by the test');
    return proceed();
  };

/** One around the other. */
export const both =
  (outer: Intercept, inner: Intercept | undefined): Intercept =>
  (call, proceed) =>
    outer(call, inner ? () => inner(call, proceed) : proceed);
