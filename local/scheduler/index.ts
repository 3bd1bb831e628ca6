import { createAgenda } from '../clock/agenda';
import type { ScheduleDefinition, SchedulerPort, World } from '../world';
import { createDelivery } from './deliver';
import { getSchedule } from './operations/getSchedule';
import { listSchedules } from './operations/listSchedules';
import { dueAfter, type Schedule, Store, validate } from './store';

/** EventBridge Scheduler: schedules in groups, and Lambda functions as targets. CloudFormation makes them. */
export function createScheduler(world: World): SchedulerPort {
  const store = new Store();
  const { later, close } = createAgenda(world.clock);
  const deliver = createDelivery(world, later);

  /** Within the minute; with a flexible window, at any moment of it. */
  const delayOf = ({ windowMinutes }: ScheduleDefinition): number => {
    if (windowMinutes === undefined) return world.delays.scheduleInvocation;
    const share = Number.parseInt(world.ids.hex(6), 16) / 0x1000000;
    return world.delays.scheduleInvocation + Math.floor(share * windowMinutes * 60_000);
  };

  const arm = (schedule: Schedule, after: number): void => {
    const { definition } = schedule;
    const time = definition.enabled ? dueAfter(schedule, after) : undefined;
    if (time === undefined) return;
    const isCurrent = () => store.get(definition) === schedule;
    later(Math.max(0, time - world.clock.now()), () => {
      if (!isCurrent()) return;
      arm(schedule, time);
      const times = port.deliveries?.(definition, time) === 'twice' ? 2 : 1;
      const delay = delayOf(definition);
      for (let n = 1; n <= times; n += 1) later(delay * n, () => isCurrent() && deliver(definition, time));
    });
  };

  const port: SchedulerPort = {
    operations: [listSchedules(store), getSchedule(store)],
    putGroup: (name) => void store.groups.add(name),
    removeGroup: (name) => store.removeGroup(name),
    putSchedule: (definition) => {
      const now = world.clock.now();
      validate(definition, now);
      // A rate without a start begins at once.
      arm(store.put(definition, now), now - 1);
    },
    removeSchedule: (group, name) => store.remove(group, name),
    close,
  };
  return port;
}
