import type { Chain } from '../example';
import { ec2 } from './ec2';
import { ec2Tags } from './ec2Tags';
import { iam } from './iam';
import { iamCleanUp } from './iamCleanUp';
import { logs } from './logs';
import { s3 } from './s3';
import { s3Copies } from './s3Copies';
import { s3Uploads } from './s3Uploads';
import { scheduler } from './scheduler';
import { ssm } from './ssm';
import { ssmSettings } from './ssmSettings';
import { states } from './states';
import { statesTokens } from './statesTokens';
import { sts } from './sts';

/** What the embedded AWS is asked by every kind of client; the longest first. */
export const CHAINS: Chain[] = [
  iam,
  iamCleanUp,
  ssm,
  ec2,
  s3,
  s3Uploads,
  s3Copies,
  states,
  statesTokens,
  sts,
  logs,
  ec2Tags,
  ssmSettings,
  scheduler,
];
