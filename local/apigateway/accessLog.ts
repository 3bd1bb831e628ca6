import type { ApiStage, World } from '../world';
import { type Facts, filled } from './variables';

/** Writes a line for each request into the stage's log group, one stream for each stage. A group that is gone: the line is lost. */
export function createAccessLog(world: World) {
  const streams = new Set<string>();
  let written = Promise.resolve();
  const write = async (group: string, stream: string, message: string) => {
    const where = { logGroupName: group, logStreamName: stream };
    if (!streams.has(group + stream)) await world.asRoot('logs', 'CreateLogStream', where);
    streams.add(group + stream);
    const logEvents = [{ timestamp: world.clock.now(), message }];
    await world.asRoot('logs', 'PutLogEvents', { ...where, logEvents });
  };
  return ({ name, accessLog }: ApiStage, facts: Facts): void => {
    if (!accessLog) return;
    const line = filled(accessLog.format, facts, '-');
    written = written.then(() => write(accessLog.group, `${facts.apiId}-${name}`, line)).catch(() => undefined);
  };
}
