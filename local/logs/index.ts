import type { Room, World } from '../world';
import { createLogGroup } from './operations/createLogGroup';
import { createLogStream } from './operations/createLogStream';
import { deleteLogGroup } from './operations/deleteLogGroup';
import { describeLogGroups } from './operations/describeLogGroups';
import { describeLogStreams } from './operations/describeLogStreams';
import { filterLogEvents } from './operations/filterLogEvents';
import { getLogEvents } from './operations/getLogEvents';
import { putLogEvents } from './operations/putLogEvents';
import type { Store } from './store';

/** CloudWatch Logs: groups, streams and events in memory. */
export function createLogs(_world: World): Room {
  const store: Store = new Map();
  const operations = [
    ...[createLogGroup, deleteLogGroup, describeLogGroups],
    ...[createLogStream, describeLogStreams],
    ...[putLogEvents, getLogEvents, filterLogEvents],
  ];
  return { operations: operations.map((define) => define(store)) };
}
