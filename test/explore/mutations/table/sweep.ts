import type { Mutation } from '../mutation';
import { rule, source } from '../removal';

const RECOVER = 'functions/recover/recover.ts';
const RECOVERY = 'functions/common/recovery.ts';
const LEFTOVER = 'functions/sweep/leftover.ts';
const DRAINED = 'functions/sweep/drained.ts';
const SURVEY = 'functions/sweep/survey.ts';

/** What finds a run that could not restore by itself, and what is left of one. */
export const SWEEP: Mutation[] = [
  {
    name: 'The event of a broken run',
    remove: [rule('Broken')],
    unfound: 'sweep comes within a quarter of an hour: removed with it, below',
  },
  { name: 'The event of a broken run, and the sweep', remove: [rule('Broken'), rule('Sweeping')], hints: ['stopped'] },
  {
    name: 'The sweep',
    remove: [rule('Sweeping')],
    hints: ['one a.AwaitScript#1=event-lost'],
  },
  {
    name: 'recover: not for a run that began nothing',
    remove: [source(RECOVER, 'if (history?.ended && !history.begun)', 'if (false)')],
    unfound: 'it spares the account calls: a recovery too many does no harm',
  },
  {
    name: 'recover: not for a run that restored by itself',
    remove: [source(RECOVER, 'if (history && (await restoredItself(sfn, elevation.arn)))', 'if (false)')],
    unfound: 'it spares the account calls: a recovery too many does no harm',
  },
  {
    name: 'Each occasion is a recovery of its own',
    remove: [source(RECOVERY, '`${elevation.arn} ${occasion}`', '`${elevation.arn}`')],
    hints: ['stopped a.recovery:Restore#1=stop', 'one a.AwaitScript#1=redrive-late'],
  },
  {
    name: 'The same occasion told twice is one recovery',
    remove: [source(RECOVERY, "if (!isAws(error, 'ExecutionAlreadyExists')) throw error;", 'throw error;')],
    unfound: 'it spares the account calls: a recovery too many does no harm',
  },
  {
    name: 'Sweep: one recovery at a time',
    remove: [source(LEFTOVER, 'if (await isRecovered(sfn, await recoveries(elevation), elevation)) return;')],
    unfound: 'it spares the account calls: a recovery too many does no harm',
  },
  {
    name: 'Sweep: never a run that goes on',
    remove: [source(LEFTOVER, 'if (standing.alive) return alive?.(standing.status);')],
    hints: ['long'],
  },
  {
    name: 'Sweep: a grace of five minutes',
    remove: [source(LEFTOVER, 'const GRACE_MS = 5 * 60_000;', 'const GRACE_MS = 0;')],
    unfound: 'it spares the account calls: a recovery too many does no harm',
  },
  {
    name: 'Sweep: overdue runs are stopped',
    remove: [source(LEFTOVER, "if (status === 'RUNNING' && overdue && (await stop(record, deps)))", 'if (false)')],
    unfound: 'no run stands still for so long in the exploration: test/functions/sweep.test.ts',
  },
  {
    name: 'Sweep: nothing is stopped that restores',
    remove: [source(LEFTOVER, "if (RESTORING.includes((await latestState(sfn, execution)) ?? '')) return false;")],
    unfound: 'no run stands still for so long in the exploration: test/functions/sweep.test.ts',
  },
  {
    name: 'Sweep: the record is read again before a run is stopped',
    remove: [source(LEFTOVER, "if ((await readRecord(iam, execution))?.state !== 'open') return false;")],
    unfound: 'no run stands still for so long in the exploration: test/functions/sweep.test.ts',
  },
  {
    name: 'Sweep: the grant is taken once more',
    remove: [source(LEFTOVER, 'if (await stripAgain(name, deps.iam)) swept.stripped.push(name);')],
    unfound: 'IAM lets no grant be put on a role that closes',
  },
  {
    name: 'Sweep: a closed role whose profile is on its instance is recovered',
    remove: [source(LEFTOVER, 'if (!carried) {', 'if (true) {')],
    hints: ['one a.AwaitScript#1=original-returns'],
  },
  {
    name: 'Sweep: a role drains from the moment at which no instance carries it',
    remove: [source(LEFTOVER, 'await drainUntil(deps.iam, record, deps.clock.now() + deps.config.drainMs);')],
    hints: ['one a.AwaitScript#1=original-returns'],
  },
  {
    name: 'Sweep: a role that keeps its profile for want of another is watched',
    remove: [source(LEFTOVER, 'if (await isOriginalGone(original, deps)) return;')],
    unfound: 'it spares the account calls: a recovery too many does no harm',
  },
  {
    name: 'Sweep: its name is the hash of its run',
    remove: [source(LEFTOVER, 'if (tempName(execution) !== name)', 'if (false)')],
    unfound: 'nobody writes that tag in the exploration: test/functions/sweep.test.ts',
  },
  {
    name: 'Sweep: a record that nobody can read',
    remove: [source(LEFTOVER, "if (!carried && (!confirmed || state === 'draining')) return;", 'return;')],
    hints: ['one a.AwaitScript#1=event-lost a.AwaitScript#1=record-unreadable'],
  },
  {
    name: 'Sweep: a profile without a role',
    remove: [source(LEFTOVER, 'if (carriers.length > 0) {', 'if (false) {')],
    hints: ['one a.AwaitScript#1=event-lost a.AwaitScript#1=role-deleted'],
  },
  {
    name: 'Sweep: a profile of no run is deleted',
    remove: [source(LEFTOVER, 'if (await deleteUncarried(name, execution, deps)) swept.orphans.push(name);')],
    hints: ['one a.AwaitScript#1=role-deleted'],
  },
  {
    name: 'Sweep: a profile without a role is an hour old',
    remove: [source(LEFTOVER, 'if (leftover.role || age < ORPHAN_MS) return;', 'if (leftover.role) return;')],
    unfound: 'a run without its role comes to nothing anyway',
  },
  {
    name: 'Sweep: is the run over, before each delete',
    remove: [source(DRAINED, 'if (execution !== undefined && (await standingOf(execution, sfn)).alive) return false;')],
    unfound:
      'the survey saw the same a moment ago: only what changes within a turn of sweep shows it, test/functions/sweep.test.ts',
  },
  {
    name: 'Sweep: does an instance carry it, before each delete',
    remove: [source(DRAINED, 'return !(await isCarried(ec2, name));', 'return true;')],
    unfound:
      'the survey saw the same a moment ago: only what changes within a turn of sweep shows it, test/functions/sweep.test.ts',
  },
  {
    name: 'Sweep: does it drain, before the first delete',
    remove: [source(DRAINED, 'if (!(await mayGo())) return false;\n  // Others', '// Others')],
    unfound:
      'the survey saw the same a moment ago: only what changes within a turn of sweep shows it, test/functions/sweep.test.ts',
  },
  {
    name: 'Sweep: does it drain, before the last delete',
    remove: [source(DRAINED, 'if (!(await mayGo())) return false;\n  await unlessGone', 'await unlessGone')],
    unfound:
      'the survey saw the same a moment ago: only what changes within a turn of sweep shows it, test/functions/sweep.test.ts',
  },
  {
    name: 'Sweep: roles that have drained are deleted',
    remove: [
      source(
        LEFTOVER,
        'if (deps.clock.now() >= due && (await deleteDrained(name, execution, deps))) swept.deleted.push(name);',
      ),
    ],
    hints: ['one'],
  },
  {
    name: 'Sweep: only when they have drained',
    remove: [source(LEFTOVER, 'if (deps.clock.now() >= due && (await', 'if ((await')],
    hints: ['two b.AwaitScript#1=agent-offline'],
  },
  {
    name: 'Sweep: only what is of the deployment',
    remove: [source(SURVEY, "if (arn.split('/')[4] !== config.deployment) return undefined;")],
    unfound: 'there is one deployment in the exploration: test/functions/sweep.test.ts',
  },
];
