import type { Mutation } from '../mutation';
import { machine, rule } from '../removal';

const REFUSED =
  'the run fails by the same error; only the state Refused, which says that nothing was changed, is missing';

const catchOf = (state: string, hints?: string[]): Mutation => ({
  name: `The Catch of ${state}`,
  remove: [machine('elevation', (states) => delete states[state].Catch)],
  ...(hints && { hints }),
});

/** What the state machines do. */
export const MACHINES: Mutation[] = [
  { ...catchOf('CaptureProfile'), unfound: REFUSED },
  { ...catchOf('RehearseUndo'), unfound: REFUSED },
  catchOf('CreateTempRole', [
    'one a.CreateTempRole/PutRolePolicy#2=denied',
    'one a.CreateTempRole/CreateInstanceProfile#1=denied',
  ]),
  catchOf('SwapProfile', ['one a.SwapProfile/ReplaceIamInstanceProfileAssociation#1=denied']),
  catchOf('WaitAssociated', ['one a.WaitAssociated/DescribeInstances#1=denied']),
  catchOf('ProveIdentity', ['one a.ProveIdentity/SendCommand#1=denied']),
  catchOf('Hold', ['held']),
  catchOf('SendScript', ['one a.SendScript/SendCommand#1=denied']),
  catchOf('AwaitScript', ['one a.AwaitScript/ListCommandInvocations#1=denied']),
  { ...catchOf('Restore'), unfound: 'nothing fails 300 times in the exploration: test/state-machine' },
  {
    name: 'The Retry of Restore',
    remove: [machine('elevation', ({ Restore }) => delete Restore.Retry)],
    hints: ['one a.Restore/TagRole#1=denied'],
  },
  {
    name: "The Retry of the recovery's Restore",
    remove: [machine('recovery', ({ Restore }) => delete Restore.Retry)],
    unfound: 'sweep starts another recovery: removed with it, below',
  },
  {
    name: "The Retry of the recovery's Restore, and the sweep",
    remove: [machine('recovery', ({ Restore }) => delete Restore.Retry), rule('Sweeping')],
    hints: ['stopped a.recovery:Restore/TagRole#1=denied'],
  },
  {
    name: 'A recovery of nothing fails at once',
    remove: [machine('recovery', ({ Restore }) => Restore.Retry.shift())],
    unfound: 'nobody asks for one in the exploration: test/state-machine',
  },
  {
    name: 'The undo is rehearsed',
    remove: [
      machine('elevation', ({ IsInstanceFree }) => {
        IsInstanceFree.Choices[0].Next = 'CreateTempRole';
      }),
    ],
    hints: ['one'],
  },
  {
    name: 'The swap is waited for',
    remove: [
      machine('elevation', ({ IsAssociated }) => {
        IsAssociated.Default = 'ProveIdentity';
      }),
    ],
    unfound: 'the proof waits for the temp role as well',
  },
  {
    name: 'The instance shows the temp role before the script is sent',
    remove: [
      machine('elevation', ({ IsAssociated }) => {
        IsAssociated.Choices[0].Next = 'SendScript';
      }),
    ],
    hints: ['one'],
  },
  {
    name: 'The end of a hold is no error',
    remove: [machine('elevation', ({ Hold }) => Hold.Catch.shift())],
    hints: ['held'],
  },
  {
    name: 'A hold ends by itself',
    remove: [machine('elevation', ({ Hold }) => delete Hold.TimeoutSecondsPath)],
    hints: ['held'],
  },
  {
    name: 'SendScript is not tried again',
    remove: [
      machine('elevation', ({ SendScript, AwaitScript }) => {
        SendScript.Retry = AwaitScript.Retry;
      }),
    ],
    hints: ['one a.SendScript#1=twice'],
  },
  {
    name: 'A function that died is tried again',
    remove: [
      machine('elevation', ({ SwapProfile, CreateTempRole }) => {
        for (const state of [SwapProfile, CreateTempRole]) state.Retry.pop();
      }),
    ],
    hints: ['one a.SwapProfile#1=died'],
  },
  {
    name: 'The time of a Task',
    remove: [
      machine('elevation', (states) => {
        for (const state of Object.values(states)) delete state.TimeoutSeconds;
      }),
    ],
    unfound: 'every function ends by itself before: this is for a Lambda that does not answer',
  },
];
