import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readConfiguration } from '../config';
import { StepUpStack } from '../stepUp';

/** `cdk synth --context config=FILE`: another configuration than the repository's own. */
const CONTEXT = 'config';

try {
  // Else CDK synthesises once more when the process ends, and a trace would follow our message.
  const app = new App({ autoSynth: false });
  const file = app.node.tryGetContext(CONTEXT) ?? join(__dirname, '..', '..', 'stepup.config.json');
  new StepUpStack(app, readConfiguration(file));
  app.synth();
} catch (error) {
  // What is wrong is in the configuration or in a grant, and the message says where: a stack trace would hide it.
  console.error((error as Error).message);
  process.exitCode = 1;
}
