import type { InstanceStateChange, InstanceState as StateShape } from '@aws-sdk/client-ec2';
import { type InstanceState, type OperationSchema, operation } from '../world';
import { authorizeOnInstance } from './authorization';
import type { Fleet } from './fleet';
import { checkInstanceIds, endDryRun, refuseOtherParameters, requireParameters } from './parameters';

const CODES: Record<InstanceState, number> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function toState(name: InstanceState): StateShape {
  return { Code: CODES[name], Name: name };
}

interface Request {
  InstanceIds: string[] | undefined;
  DryRun?: boolean;
}

/** What StopInstances, StartInstances and TerminateInstances have in common. */
export const changeStates =
  (schema: OperationSchema, change: 'stop' | 'start' | 'terminate', list: string) => (fleet: Fleet) =>
    operation<Request, Record<string, InstanceStateChange[]>>(
      'ec2',
      schema,
      'partial: not Force, Hibernate',
      (call) => {
        refuseOtherParameters(call.input, 'InstanceIds', 'DryRun');
        const { InstanceIds: ids } = requireParameters(call.input, 'InstanceIds');
        checkInstanceIds(ids);
        for (const id of ids) authorizeOnInstance(call, fleet, schema[2], id);
        endDryRun(call.input);
        const before = fleet.instances.allExisting(ids).map(({ state }) => toState(state));
        fleet.instances.begin(change, ...ids);
        const toChange = (id: string, place: number) => ({
          InstanceId: id,
          PreviousState: before[place],
          CurrentState: toState(fleet.instances.existing(id).state),
        });
        return { [list]: ids.map(toChange) };
      },
    );
