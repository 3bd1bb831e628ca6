import { describe, expect, test } from '@jest/globals';
import { App, Aws, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StepUp, type StepUpProps, StepUpStack } from '../../infra';
import { scratchFolder } from '../support/scratch';

const props: StepUpProps = { restorableRoles: ['arn:aws:iam::123456789012:role/app-*'] };
const EU = { account: '123456789012', region: 'eu-west-1' };

const newApp = () =>
  new App({ outdir: scratchFolder('own'), context: { 'aws:cdk:bundling-stacks': [] }, analyticsReporting: false });

/** Names and paths that an account, or a region, has once. */
function namesIn(stack: Stack): string[] {
  const resources = Object.values<{ Type: string; Properties?: Record<string, unknown> }>(
    Template.fromStack(stack).toJSON().Resources,
  );
  return resources.flatMap(({ Type, Properties = {} }) =>
    Object.entries(Properties)
      .filter(([name]) => /^(Role|Function|StateMachine|Queue|Topic|Alarm|Dashboard|ManagedPolicy|)Name$/.test(name))
      .filter(([name]) => name !== 'FunctionName' || Type === 'AWS::Lambda::Function')
      .map(([, value]) => `${Type} ${JSON.stringify(value)}`),
  );
}

describe('StepUp in an app of somebody else', () => {
  test('stands beside what they have, and gives them its parts', () => {
    const stack = new Stack(newApp(), 'Mine', { env: EU });
    const mine = new Topic(stack, 'Mine');
    const stepUp = new StepUp(stack, 'StepUp', props);
    expect(stepUp.deployment).toBe('Mine-eu-west-1');
    for (const part of [stepUp.elevation, stepUp.recovery, stepUp.alarmTopic, stepUp.functions.restore]) {
      expect(part.node.scopes).toContain(stack);
    }
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'Mine-eu-west-1-elevation',
    });
    // What is not StepUp's waits for no guard.
    expect(template.toJSON().Resources[stack.getLogicalId(mine.node.defaultChild as never)].DependsOn).toBeUndefined();
  });

  test('twice in one stack, with two ids, shares no name', () => {
    const stack = new Stack(newApp(), 'Mine', { env: EU });
    new StepUp(stack, 'StepUp', { ...props, deployment: 'one' });
    new StepUp(stack, 'Other', { ...props, deployment: 'two' });
    const names = namesIn(stack);
    expect(names.length).toBeGreaterThan(40);
    expect(new Set(names).size).toBe(names.length);
  });

  test('in two regions, and in a region that is not known yet, shares no name', () => {
    const app = newApp();
    const stacks = [EU, { ...EU, region: 'us-east-1' }, undefined].map((env, at) => {
      const stack = new Stack(app, `Stack${at}`, { stackName: 'Mine', ...(env && { env }) });
      new StepUp(stack, 'StepUp', props);
      return stack;
    });
    const [eu, us, anywhere] = stacks.map(namesIn);
    expect(eu?.filter((name) => us?.includes(name))).toEqual([]);
    expect(anywhere?.filter((name) => !name.includes('{"Ref":"AWS::Region"}'))).toEqual([]);
  });

  test('an id that is too long with the region is refused, one of its own is taken', () => {
    const stack = new Stack(newApp(), 'A'.repeat(60), { env: EU });
    expect(() => new StepUp(stack, 'StepUp', props)).toThrow(
      "has more than 40 characters: set 'deployment' to a shorter one.",
    );
    const stepUp = new StepUp(stack, 'Short', { ...props, deployment: 'short' });
    expect(stepUp.deployment).toBe('short');
    for (const name of namesIn(stack)) expect(name.length).toBeLessThan(120);
  });

  test('a wrong setting is refused under the path of the construct', () => {
    const stack = new Stack(newApp(), 'Mine', { env: EU });
    const wrong = { ...props, drainMinute: 500 } as StepUpProps;
    expect(() => new StepUp(stack, 'StepUp', wrong)).toThrow(
      "The configuration of Mine/StepUp is not valid.\n✖ There is no 'drainMinute' here; did you mean 'drainMinutes'?",
    );
    expect(() => new StepUpStack(newApp(), { ...props, stackName: '1' })).toThrow('→ at stackName');
  });

  test('a token where StepUp must know the text is refused, and the message says what to write', () => {
    const stack = new Stack(newApp(), 'Mine', { env: EU });
    const role = new Role(stack, 'App', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    for (const arn of [role.roleArn, `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/app-*`]) {
      const make = () => new StepUp(stack, 'Roles', { restorableRoles: [arn] });
      expect(make).toThrow(
        /must be literal text: .* as in arn:\*:iam::\*:role\/app-\*\n {2}→ at restorableRoles\[0\]$/,
      );
      stack.node.tryRemoveChild('Roles');
    }
    expect(() => new StepUp(stack, 'Name', { ...props, deployment: `jobs-${Aws.REGION}` })).toThrow(
      /must be literal text: .*; write the name itself\n {2}→ at deployment$/,
    );
  });

  test('twice with one id is refused in one account and region, and taken in two', () => {
    const app = newApp();
    const make = (id: string, env?: { account: string; region: string }) =>
      new StepUp(new Stack(app, id, { ...(env && { env }) }), 'StepUp', { ...props, deployment: 'one' });
    make('Here', EU);
    make('There', { ...EU, region: 'us-east-1' });
    make('Anywhere');
    expect(() => make('Again', EU)).toThrow(
      "Again/StepUp and Here/StepUp are both the deployment 'one' in one account and region: set 'deployment' of one of them to another id.",
    );
    expect(() => make('AnywhereAgain')).toThrow('AnywhereAgain/StepUp and Anywhere/StepUp are both');
  });

  test('a stack whose name is of AWS needs another id', () => {
    const stack = new Stack(newApp(), 'AwsJobs', { env: EU });
    expect(() => new StepUp(stack, 'StepUp', props)).toThrow(
      "The deployment's id 'AwsJobs-eu-west-1' must not begin with aws, amazon or amzn",
    );
  });

  test('administrators may start, follow and stop elevations, and nothing else', () => {
    const stack = new Stack(newApp(), 'Mine', { env: EU });
    const role = new Role(stack, 'Admin', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    const stepUp = new StepUp(stack, 'StepUp', props);
    stepUp.grantAdministerElevations(role).assertSuccess();
    const machine = { Ref: stack.getLogicalId(stepUp.elevation.node.defaultChild as never) };
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          { Action: ['states:StartExecution', 'states:ListExecutions'], Effect: 'Allow', Resource: machine },
          {
            Action: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
            Effect: 'Allow',
            Resource: Match.objectLike({ 'Fn::Join': Match.anyValue() }),
          },
        ],
      },
    });
  });
});
