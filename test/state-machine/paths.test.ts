import { describe, expect, test } from '@jest/globals';
import { pathsThatMayMiss } from './dataflow';
import { MACHINES, type Machine, readMachine, stateOf } from './definitions';

test.each(MACHINES)('%s.asl.json reads nothing that may be missing', (name) => {
  expect(pathsThatMayMiss(readMachine(name))).toEqual([]);
});

describe('the check sees', () => {
  test.each<[string, (machine: Machine) => void, string]>([
    [
      'a key that is there on one way only',
      (machine) => {
        stateOf(machine, 'ElevationFailed').ErrorPath = '$.error.Error';
      },
      'ElevationFailed: $.error.Error',
    ],
    [
      'a member that only one form of a result has',
      (machine) => {
        stateOf(machine, 'WaitForScript').SecondsPath = '$.script.exitCode';
      },
      'WaitForScript: $.script.exitCode',
    ],
    [
      'a wait behind the wrong answer',
      (machine) => {
        Object.assign(stateOf(machine, 'IsSwapped').Choices![0]!, { BooleanEquals: false });
      },
      'WaitToSwap: $.swap.waitSeconds',
    ],
    [
      'a timeout that is there on one way only',
      (machine) => {
        stateOf(machine, 'IsProven').Default = 'Hold';
      },
      'Hold: $.proof.workSeconds',
    ],
    [
      'a token in a Task that waits for none',
      (machine) => {
        stateOf(machine, 'SendScript').Parameters!['token.$'] = '$$.Task.Token';
      },
      'SendScript: $$.Task.Token',
    ],
    [
      'a member that has another type',
      (machine) => {
        stateOf(machine, 'WaitToRestore').SecondsPath = '$.outcome.cause';
      },
      'WaitToRestore: $.outcome.cause',
    ],
    [
      'an error that was put elsewhere',
      (machine) => {
        stateOf(machine, 'Restore').Catch![0]!.ResultPath = '$.other';
      },
      'RestoreGaveUp: $.restoreError.Cause',
    ],
    [
      'a member that a Pass leaves out',
      (machine) => delete stateOf(machine, 'RestoreGaveUp').Parameters!['cause.$'],
      'RestoreFailed: $.outcome.cause',
    ],
    [
      'an error that was not kept',
      (machine) => {
        stateOf(machine, 'StepTimedOut').ResultPath = '$.elsewhere';
      },
      'Refused: $.error.Error',
    ],
    [
      'a single field of the context object, which may be absent',
      (machine) => {
        stateOf(machine, 'SendScript').Parameters!['state.$'] = '$$.Execution.RedriveCount';
      },
      'SendScript: $$.Execution.RedriveCount',
    ],
  ])('%s', (_, breakIt, problem) => {
    const machine = readMachine('elevation');
    breakIt(machine);
    expect(pathsThatMayMiss(machine).join('\n')).toContain(problem);
  });

  test('a result that would put the document away', () => {
    const machine = readMachine('elevation');
    delete stateOf(machine, 'SwapProfile').ResultPath;
    expect(() => pathsThatMayMiss(machine)).toThrow('whole document');
  });
});
