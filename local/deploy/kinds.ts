import type { EventTarget, FunctionDefinition, World } from '../world';
import { apiGatewayKinds } from './apiGatewayKinds';
import { customResource } from './customResource';
import { iamKinds } from './iamKinds';
import type { Created } from './resolve';
import { schedulerKinds } from './schedulerKinds';
import { sqsKinds } from './sqsKinds';

/** CloudFormation's properties, as its documentation has them, without intrinsic functions. */
// biome-ignore lint/suspicious/noExplicitAny: each kind knows its own
export type Properties = any;

/** A resource that a stack has. */
export interface Existing extends Created {
  type: string;
  /** For what the template gives no name. */
  name: string;
  properties: Properties;
  deletionPolicy: string | undefined;
  updateReplacePolicy: string | undefined;
}

/** What a kind of resource works with. */
export interface Context {
  world: World;
  stackName: string;
  logicalId: string;
  type: string;
  /** For what the template gives no name. */
  name: string;
  /** What has been published: folders by object key. */
  assets: ReadonlyMap<string, string>;
  /** Of all stacks, by name. */
  functions: Map<string, { latest: FunctionDefinition; versions: number }>;
  assumeCreated: boolean;
  /** Tells a function where to put its answer: `ask` gets the URL. Resolves to what was put there. */
  answered(ask: (url: string) => Promise<unknown>): Promise<unknown>;
}

type Maybe<T> = T | Promise<T>;

/** How CloudFormation treats one type of resource. */
export interface Kind {
  /** A change of these makes another one, and the old one is deleted in the end; a change of others updates in place. */
  replacedBy: string[];
  create(context: Context, properties: Properties): Maybe<Created>;
  /** Default: what is created takes the place of what has its name. */
  update?(context: Context, existing: Existing, properties: Properties): Maybe<Created>;
  remove(context: Context, existing: Existing): Maybe<unknown>;
}

export const arn = ({ partition, region, account }: World, service: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;

export const lastPart = (text: string, separator: string): string => text.slice(text.lastIndexOf(separator) + 1);

/** For what may be retained: each creation has a name of its own, and does not meet an earlier one's. */
export const ownName = ({ world, stackName, logicalId }: Context, longest: number): string =>
  `${`${stackName}-${logicalId}`.slice(0, longest - 14)}-${world.ids.unique('').slice(0, 13)}`;

/** By name or ARN, as CloudFormation takes it. */
function functionOf({ functions }: Context, nameOrArn: string) {
  const fn = functions.get(lastPart(nameOrArn, ':'));
  if (!fn) throw new Error(`There is no function ${nameOrArn}`);
  return fn;
}

type Permissions = FunctionDefinition['permissions'];

/** A permission is on the function, not on its versions. */
function changePermissions(context: Context, nameOrArn: string, change: (permissions: Permissions) => Permissions) {
  const fn = functionOf(context, nameOrArn);
  fn.latest = { ...fn.latest, permissions: change(fn.latest.permissions) };
  context.world.lambda.putFunction(fn.latest);
}

const permissionOf = ({ Principal: principal, SourceArn: sourceArn }: Properties): Permissions[number] =>
  sourceArn ? { principal, sourceArn } : { principal };

const awsFunction: Kind = {
  replacedBy: ['FunctionName'],
  create: ({ world, assets, functions, name: generated }, properties) => {
    const { FunctionName: name = generated, Code, Role, Timeout: timeout = 3 } = properties;
    const code = assets.get(Code.S3Key);
    if (!code) throw new Error(`${name}: there is no asset ${Code.S3Key}`);
    const known = functions.get(name);
    const latest: FunctionDefinition = {
      name,
      arn: arn(world, 'lambda', `function:${name}`),
      environment: properties.Environment?.Variables ?? {},
      roleName: lastPart(Role, '/'),
      timeout,
      code,
      permissions: known?.latest.permissions ?? [],
      reservedConcurrency: properties.ReservedConcurrentExecutions,
      deadLetters: properties.DeadLetterConfig?.TargetArn,
      logGroup: properties.LoggingConfig?.LogGroup,
    };
    functions.set(name, { latest, versions: known?.versions ?? 0 });
    world.lambda.putFunction(latest);
    return { ref: name, attributes: { Arn: latest.arn } };
  },
  remove: ({ world, functions }, { ref, attributes }) => {
    functions.delete(ref);
    world.lambda.removeFunction(attributes!.Arn!);
  },
};

const version: Kind = {
  replacedBy: ['FunctionName', 'CodeSha256', 'Description'],
  create: (context, { FunctionName }) => {
    const fn = functionOf(context, FunctionName);
    fn.versions += 1;
    const { latest, versions } = fn;
    // What was published stays as it was: its code, its environment, its role's name.
    context.world.lambda.putFunction({ ...latest, permissions: [], version: String(versions) });
    context.world.lambda.putFunction(latest);
    return { ref: `${latest.arn}:${versions}` };
  },
  remove: ({ world }, { ref }) => world.lambda.removeFunction(ref),
};

const permission: Kind = {
  replacedBy: ['FunctionName', 'Principal', 'SourceArn', 'Action'],
  create: (context, properties) => {
    changePermissions(context, properties.FunctionName, (all) => [...all, permissionOf(properties)]);
    return { ref: context.name };
  },
  remove: (context, { properties }) => {
    const gone = JSON.stringify(permissionOf(properties));
    const { FunctionName: fn } = properties;
    // One that went with its function, or was replaced by another of the same words.
    if (!context.functions.has(lastPart(fn, ':'))) return;
    changePermissions(context, fn, (all) => {
      const at = all.findIndex((one) => JSON.stringify(one) === gone);
      return all.filter((_, index) => index !== at);
    });
  },
};

const stateMachine: Kind = {
  replacedBy: ['StateMachineName', 'StateMachineType'],
  create: ({ world, name: generated }, properties) => {
    const { StateMachineName: name = generated, DefinitionString, RoleArn } = properties;
    const substitutions: Record<string, string> = properties.DefinitionSubstitutions ?? {};
    const text = (DefinitionString as string).replace(/\$\{(\w+)\}/g, (whole, key) => substitutions[key] ?? whole);
    const machineArn = arn(world, 'states', `stateMachine:${name}`);
    const roleName = lastPart(RoleArn, '/');
    world.states.putStateMachine({ name, arn: machineArn, definition: JSON.parse(text), roleName });
    return { ref: machineArn, attributes: { Arn: machineArn, Name: name } };
  },
  remove: ({ world }, { ref }) => world.states.removeStateMachine(ref),
};

const rule: Kind = {
  replacedBy: ['Name', 'EventBusName'],
  create: ({ world, name: generated }, properties) => {
    const { Name: name = generated, EventPattern: pattern, ScheduleExpression: schedule } = properties;
    const ruleArn = arn(world, 'events', `rule/${name}`);
    const targets = properties.Targets.map(targetOf);
    world.events.putRule({ name, arn: ruleArn, ...(pattern ? { pattern } : { schedule }), targets });
    return { ref: name, attributes: { Arn: ruleArn } };
  },
  remove: ({ world }, { ref }) => world.events.removeRule(ref),
};

/** A number that is left out is EventBridge's own: a day, and 185 times. */
function targetOf({ Arn, DeadLetterConfig, RetryPolicy }: Properties): EventTarget {
  const { MaximumEventAgeInSeconds: seconds = 86_400, MaximumRetryAttempts: attempts = 185 } = RetryPolicy ?? {};
  return {
    arn: Arn,
    ...(DeadLetterConfig && { deadLetters: DeadLetterConfig.Arn }),
    ...(RetryPolicy && { retry: { maximumAge: seconds * 1_000, maximumAttempts: attempts } }),
  };
}

const document: Kind = {
  replacedBy: ['Name', 'DocumentType', 'DocumentFormat', 'TargetType'],
  create: ({ world, name: generated }, { Name: name = generated, Content }) => {
    world.ssm.putDocument({ name, content: Content, owner: world.account });
    return { ref: name };
  },
  update: (context, { ref }, properties) => {
    if (properties.UpdateMethod === 'NewVersion') return document.create(context, properties);
    throw new Error(`${ref}: a document is updated only with UpdateMethod NewVersion`);
  },
  remove: ({ world }, { ref }) => world.ssm.removeDocument(ref),
};

const parameter: Kind = {
  replacedBy: ['Name', 'Type'],
  create: ({ world, name: generated }, { Name: name = generated, Type, Value: value, Tier: tier }) => {
    if (Type !== 'String') throw new Error(`${name}: parameters of type ${Type} are not supported`);
    world.ssm.putParameter({ name, value, tier });
    return { ref: name, attributes: { Type, Value: value } };
  },
  update: (context, { ref }, properties) => {
    context.world.ssm.removeParameter(ref);
    return parameter.create(context, properties);
  },
  remove: ({ world }, { ref }) => world.ssm.removeParameter(ref),
};

const logGroup: Kind = {
  replacedBy: ['LogGroupName'],
  // Retention has no effect: the world ends sooner.
  create: async (context, { LogGroupName: logGroupName = ownName(context, 512) }) => {
    const { world } = context;
    await world.asRoot('logs', 'CreateLogGroup', { logGroupName });
    return { ref: logGroupName, attributes: { Arn: arn(world, 'logs', `log-group:${logGroupName}:*`) } };
  },
  update: (_, existing) => existing,
  remove: ({ world }, { ref: logGroupName }) => world.asRoot('logs', 'DeleteLogGroup', { logGroupName }),
};

/** One entry for each type of resource that the embedded AWS has a room for. */
const kinds: Record<string, Kind | undefined> = {
  ...iamKinds,
  ...sqsKinds,
  ...schedulerKinds,
  ...apiGatewayKinds,
  'AWS::Lambda::Function': awsFunction,
  'AWS::Lambda::Version': version,
  'AWS::Lambda::Permission': permission,
  'AWS::StepFunctions::StateMachine': stateMachine,
  'AWS::Events::Rule': rule,
  'AWS::SSM::Document': document,
  'AWS::SSM::Parameter': parameter,
  'AWS::Logs::LogGroup': logGroup,
};

/** Nothing in the embedded AWS hangs on these. */
const WITHOUT_EFFECT = [
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::KMS::Key',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
];

/** What others may say of a resource without effect. */
const standIn: Kind = {
  replacedBy: [],
  create: ({ world, name }) => ({ ref: name, attributes: { Arn: arn(world, 'none', name) } }),
  remove: () => undefined,
};

/** @returns undefined for a type that the embedded AWS has no room for */
export function kindOf(type: string): Kind | undefined {
  if (/^(AWS::CloudFormation::CustomResource$|Custom::)/.test(type)) return customResource;
  return WITHOUT_EFFECT.includes(type) ? standIn : kinds[type];
}
