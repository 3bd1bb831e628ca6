import type { Shell, SsmPort, World } from '../world';
import { loadDocument, shippedDocuments } from './documents';
import { cancelCommand } from './operations/cancelCommand';
import { describeDocument } from './operations/describeDocument';
import { describeInstanceInformation } from './operations/describeInstanceInformation';
import { getCommandInvocation } from './operations/getCommandInvocation';
import { getConnectionStatus } from './operations/getConnectionStatus';
import { listCommandInvocations } from './operations/listCommandInvocations';
import { listCommands } from './operations/listCommands';
import { sendCommand } from './operations/sendCommand';
import { createRegistry } from './registry';
import type { Ssm, SsmOptions, StopReason } from './state';

export { childShell } from './shell';

/** Systems Manager's Run Command and the agent on every instance: aws-facts 3.4, 4; aws-facts-2 17. */
export function createSsm(world: World, shell: Shell, options: SsmOptions = {}): SsmPort {
  const ssm: Ssm = {
    world,
    shell,
    options,
    documents: shippedDocuments(),
    registry: createRegistry(world),
    commands: new Map(),
    deliveries: new Set(),
    closing: new AbortController(),
  };
  return {
    operations: [
      sendCommand(ssm),
      getCommandInvocation(ssm),
      listCommands(ssm),
      listCommandInvocations(ssm),
      cancelCommand(ssm),
      describeInstanceInformation(ssm),
      getConnectionStatus(ssm),
      describeDocument(ssm),
    ],
    putDocument: (document) => void ssm.documents.set(document.name, loadDocument(document)),
    close: async () => {
      ssm.closing.abort('Closed' satisfies StopReason);
      for (const { invocations } of ssm.commands.values()) {
        for (const { stop } of invocations) stop.abort('Closed' satisfies StopReason);
      }
      await Promise.allSettled(ssm.deliveries);
    },
  };
}
