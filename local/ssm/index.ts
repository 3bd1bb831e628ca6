import type { Shell, SsmPort, World } from '../world';
import { loadDocument, shippedDocuments } from './documents';
import { cancelCommand } from './operations/cancelCommand';
import { describeAssociation } from './operations/describeAssociation';
import { describeDocument } from './operations/describeDocument';
import { describeInstanceInformation } from './operations/describeInstanceInformation';
import { getCommandInvocation } from './operations/getCommandInvocation';
import { getConnectionStatus } from './operations/getConnectionStatus';
import { getParameter } from './operations/getParameter';
import { getParametersByPath } from './operations/getParametersByPath';
import { getServiceSetting } from './operations/getServiceSetting';
import { listAssociations } from './operations/listAssociations';
import { listCommandInvocations } from './operations/listCommandInvocations';
import { listCommands } from './operations/listCommands';
import { resetServiceSetting } from './operations/resetServiceSetting';
import { sendCommand } from './operations/sendCommand';
import { updateServiceSetting } from './operations/updateServiceSetting';
import { type ParameterStore, putParameter } from './parameterStore';
import { createRegistry } from './registry';
import type { Settings } from './settings';
import type { Ssm, SsmOptions, StopReason } from './state';
import { type Associations, putAssociation } from './stateManager';

export { childShell } from './shell';

/**
 * Systems Manager: Run Command and the agent on every instance (aws-facts 3.4, 4; aws-facts-2 17), Default Host
 * Management, Parameter Store, as far as a stack fills it, and what can be seen of State Manager.
 */
export function createSsm(world: World, shell: Shell, options: SsmOptions = {}): SsmPort {
  const settings: Settings = { since: world.clock.now() };
  const parameters: ParameterStore = new Map();
  const associations: Associations = new Map();
  const ssm: Ssm = {
    world,
    shell,
    options,
    documents: shippedDocuments(),
    registry: createRegistry(world, settings),
    settings,
    parameters,
    associations,
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
      getServiceSetting(ssm),
      updateServiceSetting(ssm),
      resetServiceSetting(ssm),
      getParameter(ssm),
      getParametersByPath(ssm),
      listAssociations(ssm),
      describeAssociation(ssm),
    ],
    putDocument: (document) => void ssm.documents.set(document.name, loadDocument(document)),
    removeDocument: (name) => void ssm.documents.delete(name),
    putParameter: (parameter) => putParameter(world, parameters, parameter),
    removeParameter: (name) => void parameters.delete(name),
    putAssociation: (association) => putAssociation(world, associations, association),
    close: async () => {
      ssm.closing.abort('Closed' satisfies StopReason);
      for (const { invocations } of ssm.commands.values()) {
        for (const { stop } of invocations) stop.abort('Closed' satisfies StopReason);
      }
      await Promise.allSettled(ssm.deliveries);
    },
  };
}
