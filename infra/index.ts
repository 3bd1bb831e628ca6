/**
 * StepUp in a CDK app of your own:
 *
 *     new StepUp(stack, 'StepUp', { restorableRoles: ['arn:aws:iam::123456789012:role/app-*'] });
 *
 * Synth runs TypeScript as it is: run your app with tsx, as README.md has it.
 */

export type { ConfigurationInput as StepUpConfiguration } from './config';
export type { FunctionName } from './permissions';
export { StepUp, type StepUpProps, StepUpStack } from './stepUp';
