import type { InitializeMiddleware, MiddlewareStack } from '@smithy/types';
import { awsCode } from './awsErrors';
import type { Fields, Log } from './logging';

/** What tells one client's calls from another's. */
interface Client {
  middlewareStack: MiddlewareStack<object, object>;
}

const SERVICES: Record<string, string> = { EC2Client: 'ec2', IAMClient: 'iam', SFNClient: 'states', SSMClient: 'ssm' };
const READS = /^(Get|List|Describe)/;

/**
 * Has every call that changes something logged, once, when it has its answer: what was done, to which role, profile, instance
 * or run. Retries of one call are no lines of their own, and reads none at all.
 * @param log of the invocation that the sandbox works on now
 */
export function logChanges(clients: object, log: () => Log): void {
  const logged: InitializeMiddleware<object, object> = (next, { clientName = '', commandName = '' }) => {
    const operation = commandName.replace(/Command$/, '');
    if (READS.test(operation)) return next;
    const action = `${SERVICES[clientName] ?? clientName}:${operation}`;
    return async (args) => {
      try {
        const result = await next(args);
        log().info('changed', { action, ...namesIn(args.input, result.output) });
        return result;
      } catch (error) {
        log().info('not changed', { action, ...namesIn(args.input), error: awsCode(error) ?? (error as Error).name });
        throw error;
      }
    };
  };
  for (const { middlewareStack } of Object.values(clients) as Client[]) {
    middlewareStack.add(logged, { step: 'initialize', name: 'logChanges', override: true });
  }
}

/** The names in a call: these and nothing else of it, so that no script, parameter or policy comes into a log. */
function namesIn(input: object, output: object = {}): Fields {
  const {
    RoleName: role,
    InstanceProfileName,
    IamInstanceProfile,
    PolicyName,
    PolicyArn,
    AssociationId: association,
    InstanceId,
    InstanceIds,
    DocumentName: document,
    CommandId,
    Tags,
    executionArn,
    input: started,
  } = input as Named;
  const { Command, executionArn: execution } = output as { Command?: { CommandId: string }; executionArn?: string };
  const [instanceId = InstanceId] = InstanceIds ?? [];
  return {
    role,
    profile: InstanceProfileName ?? IamInstanceProfile?.Arn,
    policy: PolicyName ?? PolicyArn,
    association,
    ...(instanceId && { instanceId }),
    document,
    commandId: CommandId ?? Command?.CommandId,
    tags: Tags?.map(({ Key }) => Key).filter((key) => key.startsWith('stepup:')),
    ...(executionArn && { execution: executionArn }),
    ...(started && startedIn(started, execution)),
  };
}

/** What StartExecution started: a recovery, whose input names its run, or a run. */
function startedIn(input: string, started: string | undefined): Fields {
  const { execution } = JSON.parse(input) as { execution?: string };
  return execution ? { execution, recovery: started } : { ...(started && { execution: started }) };
}

interface Named {
  RoleName?: string;
  InstanceProfileName?: string;
  IamInstanceProfile?: { Arn?: string };
  PolicyName?: string;
  PolicyArn?: string;
  AssociationId?: string;
  InstanceId?: string;
  InstanceIds?: string[];
  DocumentName?: string;
  CommandId?: string;
  Tags?: { Key: string }[];
  /** StopExecution's */
  executionArn?: string;
  /** StartExecution's. */
  input?: string;
}
