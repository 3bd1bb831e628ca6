import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError, type Intercept } from '../../../../local';
import { around } from '../../../support/faulty';
import { scratchFolder } from '../../../support/scratch';
import { INSTANCE, request, type Stage, type StageOptions } from '../../../support/stage';
import { SETTLED, somebodyTakesItOff } from '../../worlds';
import type { Cell } from '../cells';
import { deleteRole } from '../elevated';

/** Restore is of a release whose catalogue has no grants any more. */
const withoutGrants: StageOptions['wrapLauncher'] = (launcher) => ({
  launch: (fn, environment) => {
    if (!fn.name.endsWith('-restore')) return launcher.launch(fn, environment);
    const code = scratchFolder('catalogue');
    const catalogue = JSON.parse(readFileSync(join(fn.code, 'catalogue.json'), 'utf8'));
    writeFileSync(join(code, 'catalogue.json'), JSON.stringify({ ...catalogue, grants: {} }));
    return launcher.launch({ ...fn, code }, environment);
  },
});

/** Restore's first calls of Associate fail: as many as the SDK makes of one. */
function failingAssociates(): Intercept {
  let left = 3;
  return async ({ operation, principal }, proceed) => {
    const fails = operation === 'AssociateIamInstanceProfile' && principal.name?.endsWith('-restore') && left > 0;
    if (!fails) return proceed();
    left -= 1;
    throw new AwsError('InternalError', 'An internal error has occurred', 500);
  };
}

async function elevatedAgain(stage: Stage): Promise<void> {
  await stage.start(request({ shell: ['sleep 1000'] }), 'next');
  await stage.pass(SETTLED);
}

/** What StepUp itself knows, and what it has left half done. */
export const BOOKKEEPING: Cell[] = [
  {
    name: 'the enrolment tag was removed',
    change: async ({ aws }) => {
      aws.world.ec2.instance(INSTANCE)!.tags = {};
    },
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
  },
  {
    name: 'the grant was removed from the catalogue',
    options: { wrapLauncher: withoutGrants },
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
  },
  {
    name: 'bare although the original is owed: a restore was cut short between its two half-steps',
    intercept: failingAssociates,
    change: async (stage) => {
      stage.aws.world.delays.instanceTransition = 1;
      stage.aws.world.ec2.stopInstance(INSTANCE);
      await stage.pass(1);
    },
    does: ['Disassociate', 'Associate: InternalError', 'Associate'],
    ends: ['InstanceNotRunning', 'success'],
    says: 'i-… was found without a profile. Whether by a step of ours that was cut short or by another hand cannot be told: it was given its original.',
    has: ['app associating'],
  },
  {
    name: 'bare, and the run had not come to changing the profile',
    options: { wrapLauncher: around('CreateTempRole', () => new Promise(() => undefined)) },
    begin: async (stage) => {
      const run = await stage.start(request());
      await stage.pass(30);
      await somebodyTakesItOff(stage);
      return run;
    },
    does: [],
    ends: ['Sandbox.Timedout', 'success'],
    says: 'Somebody took ‹app› off i-… meanwhile, before this run had changed anything: it was not put back.',
    has: [],
    record: 'none',
  },
  {
    name: 'the record was tampered with',
    change: async ({ aws: { world } }, temp) => {
      const Tags = [{ Key: 'stepup:original', Value: 'none' }];
      await world.asRoot('iam', 'TagRole', { RoleName: temp, Tags });
    },
    does: ['Replace'],
    ends: ['RecordTampered', 'RecordTampered'],
    says: 'The history was followed; find out who wrote the tags.',
    has: ['app associated'],
  },
  {
    name: 'the temp role was deleted by hand',
    change: deleteRole,
    does: ['Replace'],
    ends: ['success', 'success'],
    says: 'i-… has ‹app›.',
    has: ['app associated'],
    record: 'none',
  },
  {
    name: 'closed already, and bare since',
    closed: true,
    change: somebodyTakesItOff,
    does: [],
    ends: ['–', 'success'],
    says: 'i-… has no profile.',
    has: [],
  },
  {
    name: 'closed already, and elevated again',
    closed: true,
    change: elevatedAgain,
    does: [],
    ends: ['–', 'success'],
    says: 'i-… is being elevated again, by another run.',
    has: ["next's associated"],
  },
];
