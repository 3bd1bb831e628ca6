import { INSTANCE } from '../../support/stage';
import { arnOf, SETTLED } from '../worlds';
import { type Case, elevate, tagsOf } from './cases';

const ELEVATIONS = `/stepup/elevations/${INSTANCE}/other/`;

/** The instance itself, and whether it is free. */
export const INSTANCES: Case[] = [
  {
    world: 'an instance without the tag',
    id: 'enrolled',
    status: 'failed',
    error: 'InstanceNotEnrolled',
    says: ['has no tag stepup:grants'],
    remedy: [`aws ec2 create-tags --resources ${INSTANCE} --tags "Key=stepup:grants,Value=`],
    arrange: (stage) => {
      delete tagsOf(stage)['stepup:grants'];
    },
  },
  {
    world: 'an empty tag',
    id: 'enrolled',
    status: 'failed',
    error: 'GrantNotAllowedHere',
    says: ['is enrolled for no grant'],
    remedy: ['aws ec2 create-tags'],
    options: { tags: { 'stepup:grants': ' ' } },
  },
  {
    world: 'a tag that names only what is no grant',
    id: 'enrolled',
    status: 'failed',
    error: 'GrantNotFound',
    says: ["no grant 'run-remote-scrip'", "did you mean 'run-remote-script'?"],
    remedy: ['"Key=stepup:grants,Value=run-remote-script"'],
    options: { tags: { 'stepup:grants': 'run-remote-scrip' } },
    ends: 'GrantNotAllowedHere',
  },
  {
    world: 'a tag with commas',
    id: 'enrolled',
    status: 'failed',
    error: 'GrantNotFound',
    says: ["no grant 'run-remote-script,read-bucket-prefix'"],
    remedy: ['"Key=stepup:grants,Value=run-remote-script read-bucket-prefix"'],
    options: { tags: { 'stepup:grants': 'run-remote-script,read-bucket-prefix' } },
    ends: 'GrantNotAllowedHere',
  },
  {
    world: 'a tag that names what is like no grant',
    id: 'enrolled',
    status: 'failed',
    error: 'GrantNotFound',
    says: ["no grant 'payroll'"],
    // One of them, not all.
    remedy: ['stepup grants', '"Key=stepup:grants,Value=read-bucket-prefix"'],
    options: { tags: { 'stepup:grants': 'payroll' } },
    ends: 'GrantNotAllowedHere',
  },
  {
    world: 'a tag that names what is no grant, too',
    id: 'enrolled',
    status: 'warning',
    says: ['enrolled for run-remote-script.', "no grant 'read-bucket-prefx'; did you mean 'read-bucket-prefix'?"],
    remedy: ['Value=run-remote-script read-bucket-prefix"'],
    options: { tags: { 'stepup:grants': 'run-remote-script read-bucket-prefx' } },
  },
  {
    world: 'an instance that was stopped',
    id: 'running',
    status: 'failed',
    error: 'InstanceNotRunning',
    says: ['is stopped'],
    remedy: [`aws ec2 start-instances --instance-ids ${INSTANCE}`],
    arrange: async (stage) => {
      stage.aws.world.ec2.stopInstance(INSTANCE);
      await stage.pass(SETTLED);
    },
  },
  {
    world: 'an instance that was terminated',
    id: 'running',
    status: 'failed',
    error: 'InstanceNotRunning',
    says: ['is terminated'],
    remedy: ['name another instance'],
    arrange: async (stage) => {
      stage.aws.world.ec2.terminateInstance(INSTANCE);
      await stage.pass(SETTLED);
    },
  },
  {
    world: 'an elevation that holds the instance',
    id: 'busy',
    status: 'failed',
    error: 'InstanceBusy',
    says: [
      'night-job of StepUp-us-east-1 has it, with run-remote-script, asked for by direct-start; its grant ends at 2026',
    ],
    remedy: ['stepup status night-job', 'execution:StepUp-us-east-1-elevation:night-job', '--wait 30m'],
    arrange: elevate,
  },
  {
    world: 'the marker of another deployment',
    id: 'busy',
    status: 'failed',
    error: 'InstanceBusy',
    says: [arnOf(`stepup/elevations/${INSTANCE}/other/marker`), 'cannot be read'],
    remedy: [`--path-prefix /stepup/elevations/${INSTANCE}/`],
    arrange: ({ aws }) =>
      aws.world.asRoot('iam', 'CreateInstanceProfile', { InstanceProfileName: 'marker', Path: ELEVATIONS }),
  },
];
