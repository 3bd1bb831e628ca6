import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from '@jest/globals';
import { FIRST, rightBefore } from '../functions/midRun';
import { putPolicy } from '../functions/worlds';
import {
  type Ask,
  askIam,
  askWith,
  type Bystander,
  type BystanderOptions,
  bystander,
  type Kind,
  kinds,
  type SeenError,
} from '../support/bystanders';
import { createStage, INSTANCE, request, type Stage, type StageOptions } from '../support/stage';

const HOUR = 3_600;
const OBJECT = { Bucket: 'app-data', Key: 'orders.csv' };
const OWN = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::app-data/*' };

/** A stage whose original role may read a bucket, as an application's does. */
export async function createScene(options: StageOptions = {}): Promise<Stage> {
  const stage = await createStage(options);
  const { world } = stage.aws;
  await world.asRoot('s3', 'CreateBucket', { Bucket: OBJECT.Bucket });
  await world.asRoot('s3', 'PutObject', { ...OBJECT, Body: 'one\n' });
  await putPolicy(stage, 'app', 'own-data', OWN);
  await stage.pass(60);
  return stage;
}

const askOwn = ({ aws }: Stage): Ask => askIam(aws.world, 's3:GetObject', 'arn:aws:s3:::app-data/orders.csv');
const getOwn = ({ aws }: Stage): Ask =>
  askWith(aws, (settings) => new S3Client(settings).send(new GetObjectCommand(OBJECT)));

/** Processes of each kind: there from before, anew at every call, and on demand one after the other. */
export class Crowd {
  private readonly all: { name: string; process: Bystander }[] = [];
  private growing = false;

  constructor(private readonly stage: Stage) {
    for (const kind of kinds) {
      this.add(`${kind}, there before`, kind, { every: 20_000 });
      this.add(`${kind}, there before, with real requests`, kind, { every: 290_000 }, getOwn(stage));
      this.add(`${kind}, a new process for each call`, kind, { every: 40_000, shortLived: true });
    }
  }

  /** From now on a process of each kind begins every few seconds. */
  grow(seconds: number): void {
    this.growing = true;
    const begin = () => {
      if (!this.growing) return;
      const at = new Date(this.stage.clock.now()).toISOString().slice(11, 19);
      for (const kind of kinds) this.add(`${kind}, from ${at}`, kind, { every: 300_000 });
      this.stage.clock.after(seconds * 1_000, begin);
    };
    begin();
  }

  grown(): void {
    this.growing = false;
  }

  get calls(): number {
    return this.all.reduce((sum, { process }) => sum + process.calls, 0);
  }

  /** What they have seen, by process. */
  get errors(): Record<string, SeenError[]> {
    const unlucky = this.all.filter(({ process }) => process.errors.length > 0);
    return Object.fromEntries(unlucky.map(({ name, process }) => [name, process.errors]));
  }

  private add(name: string, kind: Kind, options: BystanderOptions, ask = askOwn(this.stage)): void {
    this.all.push({ name, process: bystander(kind, this.stage.aws, INSTANCE, ask, options) });
  }
}

/** What becomes of an instance with a crowd on it; returns when it has its profile back. */
export type Course = (stage: Stage) => Promise<unknown>;

export interface WitnessOptions extends StageOptions {
  /** A new process of each kind begins every so many seconds of the course. */
  newEverySeconds?: number;
  /** How long the crowd lives after the course. Default: until a role has drained. */
  hoursAfter?: number;
}

/** Lets a crowd live through `course`, and until the last credential of a temp role has expired and the role is gone. */
export async function witness(
  course: Course,
  { newEverySeconds = 7, hoursAfter = 8, ...options }: WitnessOptions = {},
): Promise<Crowd> {
  const stage = await createScene(options);
  const crowd = new Crowd(stage);
  await stage.pass(600);
  crowd.grow(newEverySeconds);
  await course(stage);
  await stage.pass(120);
  crowd.grown();
  await stage.pass(hoursAfter * HOUR);
  return crowd;
}

export const minutes = (count: number) => ({ shell: [`sleep ${count * 60}`] });

/** One elevation, from beginning to end. */
export const elevate = async (stage: Stage, work: object = minutes(1), more: object = {}) =>
  stage.ended(await stage.start(request(work, more)));

/** Somebody stops the first elevation in a state; returns when it was recovered. */
export function stoppedIn(state: string): [Course, WitnessOptions] {
  let stage: Stage;
  const stop = async () => {
    await stage.clock.sleep(100);
    await stage.aws.world.asRoot('states', 'StopExecution', { executionArn: FIRST });
  };
  const course: Course = async (on) => {
    stage = on;
    expect(await elevate(stage)).toMatchObject({ status: 'ABORTED' });
    await stage.pass(300);
    for (const recovery of await stage.recoveries())
      expect(await stage.ended(recovery)).toMatchObject({ status: 'SUCCEEDED' });
  };
  return [course, { wrapLauncher: rightBefore(state, stop) }];
}

/** @returns what a crowd has seen that lived through it */
export async function errorsIn([course, options]: [Course, WitnessOptions]): Promise<Crowd['errors']> {
  const crowd = await witness(course, options);
  expect(crowd.calls).toBeGreaterThan(1_000);
  return crowd.errors;
}
