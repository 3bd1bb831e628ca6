import type { Mutation } from '../mutation';
import { permission, source, withoutCondition } from '../removal';

const RESTORE_FILE = 'functions/restore/restore.ts';
const LOOK = 'functions/restore/look.ts';
const GIVE_BACK = 'functions/restore/giveBack.ts';
const UNDO = 'functions/restore/undo.ts';
const CLOSE = 'functions/restore/close.ts';
const CHANGES = 'functions/restore/changes.ts';
const SETTLE = 'functions/restore/settle.ts';
const EVIDENCE = 'functions/restore/evidence.ts';

const TAKE_ANY = source(
  GIVE_BACK,
  'if (attached && !isNamed(attached, undo.tempName)) return',
  'if (attached && false) return',
);
const NO_STRIP = source(LOOK, 'return [...marked, cancelled, strip(iam, name)];', 'return [...marked, cancelled];');
const NO_CONFIRMATION = source(
  CLOSE,
  'if ((await inlinePolicyNames(iam, name)).includes(GRANT_POLICY)) {',
  'if (false) {',
);

/** What Restore looks at, and how long. */
export const RESTORE: Mutation[] = [
  {
    name: 'Commands are cancelled',
    remove: [
      source(
        LOOK,
        'const cancelled = cancelCommands(ssm, instanceId, name, commandId);',
        'const cancelled = Promise.resolve(0);',
      ),
    ],
    hints: ['stopped'],
  },
  {
    name: 'Commands are cancelled that no list shows',
    remove: [source('functions/common/commands.ts', 'if (known) await cancel(known);')],
    hints: ['stopped not:commandsAreListed'],
    not: ['commandsAreListed'],
  },
  {
    name: 'The record is marked as restoring',
    remove: [source(LOOK, "tempRole.state === 'open' ? [markRestoring(iam, tempRole, clock.now())] : []", '[]')],
    hints: ['one a.CreateTempRole/PutRolePolicy#1=zombie'],
  },
  {
    name: 'The grant is taken at the first look',
    remove: [NO_STRIP],
    unfound: 'it is taken at the closing look as well: removed with it, below',
  },
  {
    name: 'The grant is confirmed gone',
    remove: [NO_CONFIRMATION],
    unfound: 'it was taken at the first look, and IAM lets nothing be put on again: removed with it, below',
  },
  { name: 'The grant is taken, and confirmed gone', remove: [NO_STRIP, NO_CONFIRMATION], hints: ['one'] },
  {
    name: 'The closing look: 75 s',
    remove: [source(LOOK, 'export const STRAGGLERS_MS = 75_000;', 'export const STRAGGLERS_MS = 0;')],
    hints: ['stopped a.SendScript#1=overlapping a.SendScript/SendCommand#1=late'],
  },
  {
    name: 'The closing look: who answered at once',
    remove: [source(RESTORE_FILE, 'everyTaskAnswered(document) && (state.RetryCount ?? 0) === 0', 'true')],
    hints: ['stopped a.SendScript#1=overlapping a.SendScript/SendCommand#1=late'],
  },
  {
    name: 'Only our own profile is taken off',
    remove: [TAKE_ANY],
    hints: ['one a.AwaitScript#1=replaced', 'one a.Restore#1=replaced', 'one'],
  },
  {
    name: 'Only our own profile is taken off, also by IAM',
    remove: [
      TAKE_ANY,
      permission('restore', 'ec2:DisassociateIamInstanceProfile', withoutCondition('ArnLike', 'ec2:InstanceProfile')),
    ],
    hints: ['one a.AwaitScript#1=replaced', 'one a.Restore#1=replaced', 'one'],
  },
  {
    name: 'Bare is believed when it lasts',
    remove: [source(GIVE_BACK, 'const SURE_OF_BARE_MS = 15_000;', 'const SURE_OF_BARE_MS = 0;')],
    unfound: 'the note or the end differ, no promise: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: 'Bare in a run that was closed stays bare',
    remove: [source(GIVE_BACK, 'if (undo.closed) return', 'if (false) return')],
    unfound: 'the note or the end differ, no promise: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: 'Bare before the swap stays bare',
    remove: [source(GIVE_BACK, 'if (undo.neverSwapped) return', 'if (false) return')],
    unfound: 'the note or the end differ, no promise: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: "Another elevation's profile is waited for",
    remove: [source(SETTLE, 'if (isTempProfile(profileArn)) {', 'if (false) {')],
    unfound:
      'none comes before this run is closed, for its marker is there until then: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: 'A foreign profile stays',
    remove: [source(SETTLE, 'if (profileArn !== original?.profileArn) {', 'if (false) {')],
    unfound: 'the note or the end differ, no promise: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: 'The original is back when it is associated',
    remove: [source(SETTLE, "attached.state === 'associating' ? await", 'false ? await')],
    unfound: 'the note or the end differ, no promise: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: 'Settling: ten minutes',
    remove: [source(UNDO, 'settling: 10 * 60_000,', 'settling: 0,')],
    hints: ['slow'],
  },
  {
    name: 'Denied: ten minutes',
    remove: [source(UNDO, 'denied: 10 * 60_000,', 'denied: 0,')],
    hints: ['one a.Restore/ReplaceIamInstanceProfileAssociation#1=denied'],
  },
  {
    name: 'Gone: a minute',
    remove: [source(UNDO, 'gone: 60_000,', 'gone: 0,')],
    unfound: 'the note or the end differ, no promise: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: 'A denied restore stays open',
    remove: [
      source(
        GIVE_BACK,
        "{ restored: 'stuck', notes: [denied(undo, change.denied, keepsTemp)], owed: true }",
        "{ restored: 'stuck', notes: [denied(undo, change.denied, keepsTemp)] }",
      ),
    ],
    unfound: 'the note or the end differ, no promise: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: 'Without an original the temp profile stays',
    remove: [source(LOOK, 'config.drainMs, keepsTemp)', 'config.drainMs, false)')],
    hints: ['one a.AwaitScript#1=original-deleted'],
  },
  {
    name: 'Nothing is taken off when the original is gone',
    remove: [source(CHANGES, "if (original && (await isGone(iam, original, clock))) return 'gone';")],
    unfound: 'the note or the end differ, no promise: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: 'A stopped instance: Disassociate, Associate',
    remove: [
      source(
        CHANGES,
        "if (!original || state === 'stopped' || (state === 'running' && stuck)) {",
        "if (!original || (state === 'running' && stuck)) {",
      ),
    ],
    hints: ['one a.AwaitScript#1=stops'],
  },
  {
    name: 'An association that hangs is taken off',
    remove: [source(CHANGES, " || (state === 'running' && stuck)")],
    unfound: 'the note or the end differ, no promise: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: 'The world may have moved on',
    remove: [
      source(
        CHANGES,
        "if (isAws(error, 'IncorrectState', 'IncorrectInstanceState', 'InvalidAssociationID.NotFound')) return 'wait';",
      ),
    ],
    unfound: 'the Retry of Restore does the same, later',
  },
  {
    name: 'The history, not the record, says what is owed',
    remove: [
      source(
        RESTORE_FILE,
        'history?.capture ? history.capture.original : (record?.original ?? null)',
        'record?.original ?? history?.capture?.original ?? null',
      ),
    ],
    hints: ['one a.AwaitScript#1=record-changed', 'stopped a.AwaitScript#1=record-changed'],
  },
  {
    name: 'A record that was tampered with is said',
    remove: [
      source(EVIDENCE, 'return { tempRole, record, ...(tampered && { tampered }) };', 'return { tempRole, record };'),
    ],
    unfound: 'only the end of the run differs: test/functions/restoreCells.slow.test.ts',
  },
  {
    name: 'The role is the one that createTempRole made',
    remove: [
      source(
        EVIDENCE,
        'return role.RoleId === history?.tempRoleId ? { tempRole, tampered: error.message } : {};',
        'return {};',
      ),
    ],
    hints: ['one a.AwaitScript#1=record-unreadable', 'stopped a.AwaitScript#1=record-unreadable'],
  },
  {
    name: 'IAM and SSM do not hold up the profile',
    remove: [source(LOOK, 'await Promise.race([disarmed, clock.sleep(PATIENCE_MS)]);', 'await disarmed;')],
    unfound: 'it comes later, and that is no promise: test/functions/restore.test.ts',
  },
  {
    name: 'A failure of the first step is tried again',
    remove: [source(LOOK, 'if (failures.length > 0) throw failures[0];')],
    unfound: 'the closing look does the same once more',
  },
];
