import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readConfiguration } from '../config';
import { StepUpStack } from '../stepUp';

const app = new App();
new StepUpStack(app, readConfiguration(join(__dirname, '..', '..', 'stepup.config.json')));
app.synth();
