import type { Server } from 'node:http';
import type { ImdsPort, World } from '../world';
import { listen, url } from './endpoint';
import { Sessions } from './sessions';

/** The instances' metadata services: one endpoint each, started when first asked for. */
export function createImds(world: World): ImdsPort {
  const sessions = new Sessions(world);
  const servers = new Map<string, Promise<Server>>();
  return {
    operations: [],
    endpoint: async (instanceId) => {
      const server = servers.get(instanceId) ?? listen(world, sessions, instanceId);
      servers.set(instanceId, server);
      return url(await server);
    },
    credentials: (instanceId) => {
      const { roleName, profileArn, credentials } = sessions.serve(instanceId, 'v2') ?? {};
      return roleName && profileArn && credentials ? { roleName, profileArn, credentials } : undefined;
    },
    close: async () => {
      for (const server of await Promise.all(servers.values())) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
