import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readConfiguration } from '../config';
import { StepUpStack } from '../stepUp';

try {
  const app = new App();
  new StepUpStack(app, readConfiguration(join(__dirname, '..', '..', 'stepup.config.json')));
  app.synth();
} catch (error) {
  // What is wrong is in the configuration or in a grant, and the message says where: a stack trace would hide it.
  console.error((error as Error).message);
  process.exitCode = 1;
}
