/** Step Functions does not tell who called StartExecution; whoever may is an administrator of StepUp. */
const DIRECT_START = 'direct-start';

/** Who asks for an elevation, for its record and for every log line: told by its request, once requests say it. */
export const requesterOf = (_request: unknown): string => DIRECT_START;
