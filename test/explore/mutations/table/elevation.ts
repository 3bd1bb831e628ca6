import type { Mutation } from '../mutation';
import { permission, source, withoutCondition } from '../removal';

const SWAP = 'functions/swapProfile/swapProfile.ts';
const CREATE = 'functions/createTempRole/createTempRole.ts';
const CAPTURE = 'functions/captureProfile/captureProfile.ts';
const ASSOCIATIONS = 'functions/common/associations.ts';
const RECORD = 'functions/common/record.ts';
const SEND = 'functions/runScript/send.ts';
const HOLD = 'functions/hold/hold.ts';

const NO_FENCE = source(CREATE, "if (state !== 'open')\n", 'if (false)\n');
const NO_OWN_CHECK = source(CREATE, 'if (!record || !agrees) {', 'if (!record) {');
const SWAP_UNFENCED = source(SWAP, 'await requireOpen(iam, execution);');
const KEEP_PROFILE = source('functions/restore/close.ts', 'if (!attached) await deleteProfile(iam, name);');
const CLOSING_TAG = permission(
  'createTempRole',
  'iam:PutRolePolicy',
  withoutCondition('Null', 'aws:ResourceTag/stepup:restoring-since'),
);

const NOT_BUSY_BY_PROFILE = source(
  CAPTURE,
  'if (attached && isTempProfile(attached.profileArn)) return',
  'if (attached && false) return',
);
const NOT_BUSY_BY_MARKER = source(CAPTURE, 'if (marker) return', 'if (marker && false) return');
const ANY_RECORD = [
  source(SEND, "import { requireOpen } from '../common/record';", "import { readRecord } from '../common/record';"),
  source(SEND, '= await requireOpen(iam, execution);', '= (await readRecord(iam, execution.Id))!;'),
];
const WHO_SLEPT = source(SEND, 'if (clock.now() - asked > STALE_MS) {', 'if (clock.now() < asked) {');

/** What the functions of an elevation look at before they change something. */
export const ELEVATION: Mutation[] = [
  {
    name: 'Busy: a temp profile is on the instance',
    remove: [NOT_BUSY_BY_PROFILE],
    unfound: 'its marker says the same: removed with it, below',
  },
  {
    name: 'Busy: the marker of another elevation',
    remove: [NOT_BUSY_BY_MARKER],
    unfound: 'the lock is the association: the swap waits as well',
  },
  {
    name: 'Busy: a temp profile, and the marker',
    remove: [NOT_BUSY_BY_PROFILE, NOT_BUSY_BY_MARKER],
    hints: ['three c.CaptureProfile/DescribeIamInstanceProfileAssociations#1=late'],
  },
  {
    name: 'Busy: the profile still settles',
    remove: [source(CAPTURE, "if (attached?.state === 'associating') return", 'if (false) return')],
    hints: ['one a.CaptureProfile#1=replaced'],
  },
  {
    name: 'No profile is believed when it lasts',
    remove: [source(CAPTURE, 'const SURE_OF_NONE_MS = 15_000;', 'const SURE_OF_NONE_MS = 0;')],
    hints: ['one a.CaptureProfile#1=reattached', 'bare a.CaptureProfile#1=reattached'],
  },
  {
    name: 'The state of an association',
    remove: [source(ASSOCIATIONS, "if (State !== 'associating' && State !== 'associated') return undefined;")],
    hints: ['one a.CaptureProfile#1=replaced', 'one a.CaptureProfile#1=reattached'],
  },
  {
    name: 'The id of a profile',
    remove: [source(ASSOCIATIONS, ' && attached.profileId === profile.profileId')],
    unfound: 'a profile is given back by its ARN: the comparison only refuses earlier what was made anew',
  },
  {
    name: 'The swap takes off what was captured',
    remove: [
      source(
        SWAP,
        'if (!attached || !original || !isProfile(attached, original)) {',
        'if (!attached) return undefined;\n  if (false) {',
      ),
    ],
    hints: ['one a.SwapProfile#1=replaced'],
  },
  {
    name: "The swap waits for another elevation's profile",
    remove: [
      source(SWAP, 'if (attached && isTempProfile(attached.profileArn)) return', 'if (attached && false) return'),
    ],
    hints: ['two a.CreateTempRole/CreateInstanceProfile#1=late'],
  },
  {
    name: 'The swap begins 10 s after the role was put in',
    remove: [source(SWAP, 'if (!earlier) await clock.sleep(SETTLING_MS);')],
    unfound: 'only bystanders suffer, who are not in the exploration: test/flow',
  },
  {
    name: 'The swap tries again while EC2 does not know the profile',
    remove: [
      source(
        SWAP,
        "const fresh = isAws(error, 'InvalidParameterValue')",
        "const fresh = false && isAws(error, 'InvalidParameterValue')",
      ),
    ],
    hints: ['slow', 'one'],
  },
  {
    name: 'The record is open: createTempRole',
    remove: [NO_FENCE],
    unfound: 'IAM refuses the same: removed with it, below',
  },
  {
    name: 'The record is open: createTempRole, and IAM',
    remove: [NO_FENCE, CLOSING_TAG],
    hints: ['one a.CreateTempRole/PutRolePolicy#1=zombie', 'one a.CreateTempRole/ListAttachedRolePolicies#1=zombie'],
  },
  {
    name: 'The record is open: swapProfile',
    remove: [SWAP_UNFENCED],
    unfound:
      'there is no profile to attach after the closing look, which gives the original back before: removed with it, below',
  },
  {
    name: 'The record is open: swapProfile, and the profile deleted at closing',
    remove: [SWAP_UNFENCED, KEEP_PROFILE],
    hints: [
      'one a.SwapProfile/DescribeIamInstanceProfileAssociations#1=stop a.SwapProfile/DescribeIamInstanceProfileAssociations#1=zombie',
    ],
  },
  {
    name: 'The record is open: proof',
    remove: [source('functions/runScript/prove.ts', 'await requireOpen(iam, execution);')],
    unfound: 'the proof prints a name: sent too late it does no harm',
  },
  {
    name: 'The record is open: script',
    remove: ANY_RECORD,
    unfound: 'who slept does not send: removed with it, below',
  },
  {
    name: 'Who slept does not send',
    remove: [WHO_SLEPT],
    hints: ['one a.SendScript/GetRole#1=asleep'],
  },
  {
    name: 'The record is open: script, and who slept does not send',
    remove: [...ANY_RECORD, WHO_SLEPT],
    hints: ['one a.SendScript/GetRole#1=zombie'],
  },
  {
    name: 'Nothing is done in a redriven run',
    remove: [source(RECORD, 'if (RedriveCount === 0) return;', 'return;')],
    hints: ['one not:listsAreCurrent a.SendScript/SendCommand#1=redrive-soon'],
    not: ['listsAreCurrent'],
  },
  {
    name: 'The temp role is our own',
    remove: [NO_OWN_CHECK],
    unfound: 'nobody makes a role of that name in the exploration: test/functions/steps.test.ts',
  },
  {
    name: 'A role that is there already is taken up',
    remove: [
      source(CREATE, "isAws(error, 'EntityAlreadyExists') ? await readRole(iam, plan.name) : undefined", 'undefined'),
    ],
    hints: ['one a.CreateTempRole/CreateRole#1=answer-lost'],
  },
  {
    name: 'A profile that is there already is taken up',
    remove: [
      source(CREATE, "isAws(error, 'EntityAlreadyExists') ? await findProfile(iam, name) : undefined", 'undefined'),
    ],
    hints: ['one a.CreateTempRole/CreateInstanceProfile#1=answer-lost'],
  },
  {
    name: 'A role that is in its profile already is no error',
    remove: [source(CREATE, "isAws(error, 'LimitExceeded') ? await findProfile(iam, name) : undefined", 'undefined')],
    hints: ['one a.CreateTempRole/AddRoleToInstanceProfile#1=answer-lost'],
  },
  {
    name: 'The grant expires',
    remove: [source(CREATE, 'expiring(localise(granted, plan.id), expires)', 'localise(granted, plan.id)')],
    hints: ['one'],
  },
  {
    name: 'The ceiling of a temp role',
    remove: [source(CREATE, '    PermissionsBoundary: plan.boundary,\n')],
    hints: ['one'],
  },
  {
    name: 'The ceiling of a temp role, and that IAM asks for it',
    remove: [
      source(CREATE, '    PermissionsBoundary: plan.boundary,\n'),
      permission('createTempRole', 'iam:CreateRole', withoutCondition('ArnLike', 'iam:PermissionsBoundary')),
    ],
    hints: ['one'],
  },
  {
    name: 'The proof is of this role',
    remove: [
      source(
        'functions/runScript/prove.ts',
        "if (invocation?.Status === 'Success' && shown)",
        "if (invocation?.Status === 'Success')",
      ),
    ],
    unfound: 'needs an instance of a platform for which the document has no step',
  },
  {
    name: 'The script must end before the grant does',
    remove: [source(SEND, 'if (ends > Date.parse(expires) - BEFORE_EXPIRY_MS) {', 'if (false) {')],
    unfound: 'no swap takes so long in the exploration',
  },
  {
    name: 'The client sends the script once',
    remove: [
      source(
        'functions/runScript/handler.ts',
        'new SSMClient({ ...settings, retryStrategy: undefined, maxAttempts: 1 })',
        'new SSMClient(settings)',
      ),
    ],
    hints: ['one a.SendScript/SendCommand#1=answer-lost'],
  },
  {
    name: 'An answer that is no refusal leaves it open whether the script runs',
    remove: [source(SEND, 'if (isDefiniteNo(error)) {', 'if (true) {')],
    hints: ['one a.SendScript/SendCommand#1=every-answer-lost'],
  },
  {
    name: 'A script that lost its profile is looked at twice',
    remove: [
      source(
        'functions/runScript/follow.ts',
        '  await clock.sleep(SECOND_LOOK_MS);\n',
        '  return (await attachedTo(ec2, instanceId))?.profileArn ?? "none";\n',
      ),
    ],
    unfound: "the embedded EC2's lists of associations never lag",
  },
  {
    name: 'A script that lost its profile is cancelled',
    remove: [source('functions/runScript/follow.ts', 'if (taken) {', 'if (false) {')],
    unfound: 'whose script goes on is no promise: it has no grant any more',
  },
  {
    name: 'A hold begins with an open record',
    remove: [
      source(HOLD, "import { requireOpen } from '../common/record';", "import { readRecord } from '../common/record';"),
      source(HOLD, '= await requireOpen(iam, execution);', '= (await readRecord(iam, execution.Id))!;'),
    ],
    unfound: 'who is held without a grant is told nothing, and harms nobody: test/functions/hold',
  },
  {
    name: 'A hold ends before its grant',
    remove: [source(HOLD, 'if (until > Date.parse(expires) - BEFORE_EXPIRY_MS) {', 'if (false) {')],
    unfound: 'the grant ends by itself: test/functions/hold',
  },
  {
    name: 'The temp profile is deleted at closing',
    remove: [KEEP_PROFILE],
    hints: [
      'one a.SwapProfile/ReplaceIamInstanceProfileAssociation#1=stop a.SwapProfile/ReplaceIamInstanceProfileAssociation#1=zombie',
    ],
  },
];
