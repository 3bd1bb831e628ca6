import type { FunctionDefinition, World } from '../world';
import type { Created } from './resolve';

export interface Deployment {
  world: World;
  assetFolder(objectKey: string): string;
  /** By name. */
  functions: Map<string, { latest: FunctionDefinition; versions: string[] }>;
}

/** `name`: for what the template gives no name. */
// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's properties, as its documentation has them
type Creator = (deployment: Deployment, name: string, properties: any) => Created | Promise<Created>;

/** Nothing in the embedded AWS hangs on these. */
const WITHOUT_EFFECT = ['AWS::CDK::Metadata', 'AWS::SQS::Queue', 'AWS::SQS::QueuePolicy'];

export const isWithoutEffect = (type: string): boolean => WITHOUT_EFFECT.includes(type);

const arn = ({ partition, region, account }: World, service: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;

const lastPart = (text: string, separator: string): string => text.slice(text.lastIndexOf(separator) + 1);

/** What others may say of a resource without effect. */
export const standIn: Creator = ({ world }, name) => ({ ref: name, attributes: { Arn: arn(world, 'none', name) } });

const putPolicy = (world: World, RoleName: string, { PolicyName, PolicyDocument }: Record<string, unknown>) =>
  world.asRoot('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: JSON.stringify(PolicyDocument) });

/** By name or ARN, as CloudFormation takes it. */
function functionOf({ functions }: Deployment, nameOrArn: string) {
  const fn = functions.get(lastPart(nameOrArn, ':'));
  if (!fn) throw new Error(`There is no function ${nameOrArn}`);
  return fn;
}

/** One entry for each type of resource that the embedded AWS has a room for. */
export const creators: Record<string, Creator | undefined> = {
  'AWS::IAM::Role': async ({ world }, name, { Policies = [], ManagedPolicyArns = [], ...rest }) => {
    const { RoleName = name, AssumeRolePolicyDocument, ...others } = rest;
    const trust = JSON.stringify(AssumeRolePolicyDocument);
    const { Role } = await world.asRoot('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: trust, ...others });
    for (const PolicyArn of ManagedPolicyArns) await world.asRoot('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
    for (const policy of Policies) await putPolicy(world, RoleName, policy);
    return { ref: RoleName, attributes: { Arn: Role.Arn } };
  },
  'AWS::IAM::Policy': async ({ world }, name, { Roles = [], ...policy }) => {
    for (const RoleName of Roles) await putPolicy(world, RoleName, policy);
    return { ref: name };
  },
  'AWS::IAM::ManagedPolicy': async ({ world }, name, { Roles = [], ...properties }) => {
    const { ManagedPolicyName: PolicyName = name, PolicyDocument, ...others } = properties;
    const text = JSON.stringify(PolicyDocument);
    const { Policy } = await world.asRoot('iam', 'CreatePolicy', { PolicyName, PolicyDocument: text, ...others });
    for (const RoleName of Roles) await world.asRoot('iam', 'AttachRolePolicy', { RoleName, PolicyArn: Policy.Arn });
    return { ref: Policy.Arn };
  },
  'AWS::Lambda::Function': ({ world, assetFolder, functions }, id, properties) => {
    const { FunctionName: name = id, Code, Role, Timeout: timeout = 3 } = properties;
    const latest: FunctionDefinition = {
      name,
      arn: arn(world, 'lambda', `function:${name}`),
      environment: properties.Environment?.Variables ?? {},
      roleName: lastPart(Role, '/'),
      timeout,
      code: assetFolder(Code.S3Key),
      permissions: [],
    };
    functions.set(name, { latest, versions: [] });
    return { ref: name, attributes: { Arn: latest.arn } };
  },
  'AWS::Lambda::Version': (deployment, _id, { FunctionName }) => {
    const { latest, versions } = functionOf(deployment, FunctionName);
    const version = String(versions.length + 1);
    versions.push(version);
    return { ref: `${latest.arn}:${version}` };
  },
  'AWS::Lambda::Permission': (deployment, name, { FunctionName, Principal: principal, SourceArn: sourceArn }) => {
    const { permissions } = functionOf(deployment, FunctionName).latest;
    permissions.push(sourceArn ? { principal, sourceArn } : { principal });
    return { ref: name };
  },
  'AWS::StepFunctions::StateMachine': ({ world }, id, properties) => {
    const { StateMachineName: name = id, DefinitionString, RoleArn } = properties;
    const substitutions: Record<string, string> = properties.DefinitionSubstitutions ?? {};
    const text = (DefinitionString as string).replace(/\$\{(\w+)\}/g, (whole, key) => substitutions[key] ?? whole);
    const machineArn = arn(world, 'states', `stateMachine:${name}`);
    const roleName = lastPart(RoleArn, '/');
    world.states.putStateMachine({ name, arn: machineArn, definition: JSON.parse(text), roleName });
    return { ref: machineArn, attributes: { Arn: machineArn, Name: name } };
  },
  'AWS::Events::Rule': ({ world }, id, properties) => {
    const { Name: name = id, EventPattern: pattern, ScheduleExpression: schedule } = properties;
    const ruleArn = arn(world, 'events', `rule/${name}`);
    const targets = properties.Targets.map(({ Arn }: { Arn: string }) => ({ arn: Arn }));
    world.events.putRule({ name, arn: ruleArn, ...(pattern ? { pattern } : { schedule }), targets });
    return { ref: name, attributes: { Arn: ruleArn } };
  },
  'AWS::SSM::Document': ({ world }, id, { Name: name = id, Content }) => {
    world.ssm.putDocument({ name, content: Content, owner: world.account });
    return { ref: name };
  },
  'AWS::SSM::Parameter': ({ world }, id, { Name: name = id, Type, Value: value, Tier: tier }) => {
    if (Type !== 'String') throw new Error(`${name}: parameters of type ${Type} are not supported`);
    world.ssm.putParameter({ name, value, tier });
    return { ref: name, attributes: { Type, Value: value } };
  },
  // Retention has no effect: the world ends sooner.
  'AWS::Logs::LogGroup': async ({ world }, id, { LogGroupName: logGroupName = id }) => {
    await world.asRoot('logs', 'CreateLogGroup', { logGroupName });
    return { ref: logGroupName, attributes: { Arn: arn(world, 'logs', `log-group:${logGroupName}:*`) } };
  },
};
