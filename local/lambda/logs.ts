import type { FunctionDefinition, Principal, World } from '../world';

/** Takes what one instance of a function writes. */
export type Log = (text: string) => void;

/**
 * Lambda writes what functions say to their log groups under the functions' own roles: a stream for each instance, an event
 * for each line. What the role may not write is lost without a word.
 * @param principalOf whose session a function has now
 */
export function createLogs(
  world: World,
  principalOf: (fn: FunctionDefinition) => Principal,
): (fn: FunctionDefinition) => Log {
  const write = async (fn: FunctionDefinition, group: string, stream: string, begin: boolean, lines: string[]) => {
    const principal = principalOf(fn);
    const arn = `arn:${world.partition}:logs:${world.region}:${world.account}:log-group:${group}:log-stream:${stream}`;
    const may = (action: string) => world.iam.evaluate(principal, action, arn).allowed;
    const where = { logGroupName: group, logStreamName: stream };
    if (begin && may('logs:CreateLogStream')) await world.asRoot('logs', 'CreateLogStream', where);
    if (!may('logs:PutLogEvents')) return;
    const timestamp = world.clock.now();
    const logEvents = lines.map((message) => ({ timestamp, message }));
    await world.asRoot('logs', 'PutLogEvents', { ...where, logEvents });
  };

  return (fn) => {
    const { logGroup } = fn;
    if (logGroup === undefined) return () => undefined;
    const day = new Date(world.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const stream = `${day}/[${fn.version ?? '$LATEST'}]${world.ids.uuid().replaceAll('-', '')}`;
    let written: Promise<void> | undefined;
    return (text) => {
      const lines = text.split('\n').filter(Boolean);
      if (lines.length === 0) return;
      const begin = written === undefined;
      // A stream or a group that is not there: as on AWS, the lines are lost.
      written = (written ?? Promise.resolve())
        .then(() => write(fn, logGroup, stream, begin, lines))
        .catch(() => undefined);
    };
  };
}
