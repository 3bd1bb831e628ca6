import { isDeepStrictEqual } from 'node:util';
import type { Context, Existing, Kind, Properties } from './kinds';
import type { Created } from './resolve';

/** Unless ServiceTimeout says otherwise, CloudFormation waits for an hour. */
const DEFAULT_TIMEOUT = 3_600;

interface Answer {
  Status: 'SUCCESS' | 'FAILED';
  Reason?: string;
  PhysicalResourceId?: string;
  StackId: string;
  RequestId: string;
  LogicalResourceId: string;
  Data?: Record<string, string>;
}

/** CloudFormation hands every value on as a string. */
function asStrings(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asStrings);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, asStrings(item)]));
}

/**
 * A resource that a function makes: it is invoked with CloudFormation's event, and puts its answer to the URL in it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 * @throws Error when the answer is FAILED or not as CloudFormation takes it, or when there is none in time
 */
async function ask(context: Context, RequestType: string, properties: Properties, more: object): Promise<Created> {
  const { world, stackName, logicalId: LogicalResourceId, type: ResourceType } = context;
  // CloudFormation goes on with a role when others see it. Unconfirmed: how it knows.
  await world.clock.sleep(world.delays.iamPropagation);
  const { ServiceToken, ServiceTimeout = DEFAULT_TIMEOUT } = properties;
  const ids = { StackId: stackId(context), RequestId: world.ids.uuid(), LogicalResourceId };
  const event = { RequestType, ...ids, ResourceType, ServiceToken, ResourceProperties: asStrings(properties), ...more };
  const root = {
    kind: 'root' as const,
    arn: `arn:${world.partition}:iam::${world.account}:root`,
    userId: world.account,
  };
  const said = context.answered((ResponseURL) =>
    world.lambda.invokeAsynchronously(
      ServiceToken,
      { ...event, ResponseURL },
      { ...root, issuedAt: world.clock.now() },
    ),
  );
  let stopWaiting: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    stopWaiting = world.clock.after(Number(ServiceTimeout) * 1000, () =>
      reject(
        new Error(
          `${stackName}/${LogicalResourceId}: CloudFormation did not receive a response from your Custom Resource.`,
        ),
      ),
    );
  });
  const answer = (await Promise.race([said, late]).finally(stopWaiting)) as Answer;
  const same = isDeepStrictEqual(ids, {
    StackId: answer.StackId,
    RequestId: answer.RequestId,
    LogicalResourceId: answer.LogicalResourceId,
  });
  if (!same || !answer.PhysicalResourceId)
    throw new Error(`${LogicalResourceId}: Invalid response: ${JSON.stringify(answer)}`);
  if (answer.Status === 'SUCCESS') return { ref: answer.PhysicalResourceId, attributes: answer.Data ?? {} };
  if (!answer.Reason) throw new Error(`${LogicalResourceId}: Invalid response: FAILED without a Reason`);
  throw new Error(
    `Received response status [FAILED] from custom resource. Message returned: ${answer.Reason} (RequestId: ${ids.RequestId})`,
  );
}

const stackId = ({ world, stackName }: Context): string =>
  `arn:${world.partition}:cloudformation:${world.region}:${world.account}:stack/${stackName}/00000000-0000-0000-0000-000000000000`;

const again = ({ ref, properties }: Existing, changes: boolean) => ({
  PhysicalResourceId: ref,
  ...(changes && { OldResourceProperties: asStrings(properties) }),
});

export const customResource: Kind = {
  replacedBy: [],
  create: async (context, properties) =>
    context.assumeCreated ? { ref: context.name } : ask(context, 'Create', properties, {}),
  // Another PhysicalResourceId in the answer is a replacement: the stack deletes the former one in the end.
  update: (context, existing, properties) => {
    if (existing.properties.ServiceToken !== properties.ServiceToken) {
      throw new Error(`${context.logicalId}: Modifying service token is not allowed.`);
    }
    return ask(context, 'Update', properties, again(existing, true));
  },
  // What was not asked when it was created is not asked when that is rolled back.
  remove: async (context, existing) => {
    if (!context.assumeCreated) await ask(context, 'Delete', existing.properties, again(existing, false));
  },
};
