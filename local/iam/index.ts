import type { Credentials, IamPort, Principal, World } from '../world';
import { authorize } from './authorization';
import { addKey } from './keys';
import { namedRole, namedUser } from './kinds';
import * as operations from './operations';
import { Store } from './store';
import { trusts } from './trust';

interface Session extends Credentials {
  principal: Principal;
}

export function createIam(world: World): IamPort {
  const store = new Store(world);
  const sessions = new Map<string, Session>();
  const root: Principal = {
    kind: 'root',
    arn: `arn:${world.partition}:iam::${world.account}:root`,
    userId: world.account,
    issuedAt: world.clock.now(),
  };
  const { rootKey } = store;

  return {
    operations: Object.values(operations).map((make) => make(store)),
    rootKey,
    accessKey(id) {
      if (id === rootKey.accessKeyId) return { secretAccessKey: rootKey.secretAccessKey, principal: root };
      const { roles, users, accessKeys } = store.propagated;
      const session = sessions.get(id);
      if (session) {
        // A deleted role takes its sessions with it; one re-created under its name does not bring them back.
        const role = roles.get(session.principal.name!.toLowerCase());
        return session.principal.userId.startsWith(`${role?.id}:`) ? session : undefined;
      }
      const key = accessKeys.get(id);
      const user = key && users.get(key.user);
      // An inactive key is refused as one that is not there.
      if (!user || key.status !== 'Active') return undefined;
      const { arn, id: userId, name } = user;
      const principal: Principal = { kind: 'user', arn, userId, name, issuedAt: key.created.getTime() };
      return { secretAccessKey: key.secret, principal };
    },
    putAccessKey({ userName, accessKeyId, secretAccessKey }) {
      addKey(store, namedUser(store.newest, userName), accessKeyId, secretAccessKey);
    },
    issueSession({ roleName, sessionName, lifetime, ...delivered }) {
      const { id, name } = namedRole(store.propagated, roleName);
      const issuedAt = world.clock.now();
      const arn = `arn:${world.partition}:sts::${world.account}:assumed-role/${name}/${sessionName}`;
      const credentials: Credentials = {
        accessKeyId: world.ids.accessKeyId('ASIA'),
        secretAccessKey: world.ids.secret(40),
        sessionToken: world.ids.secret(356),
        expiration: issuedAt + lifetime,
      };
      const userId = `${id}:${sessionName}`;
      const principal: Principal = { kind: 'assumed-role', arn, userId, issuedAt, name, ...delivered };
      sessions.set(credentials.accessKeyId, { ...credentials, principal });
      return credentials;
    },
    evaluate: (principal, action, resource, context) => authorize(store, principal, action, resource, context),
    trusts: (roleName, who, context) => trusts(store, roleName, who, context),
    profileSeenByEc2(nameOrArn) {
      const { profiles, roles } = store.propagated;
      const profile = nameOrArn.startsWith('arn:')
        ? [...profiles.values()].find(({ arn }) => arn === nameOrArn)
        : profiles.get(nameOrArn.toLowerCase());
      if (!profile) return undefined;
      const role = profile.role === undefined ? undefined : roles.get(profile.role);
      const view = { name: profile.name, arn: profile.arn, id: profile.id };
      return role ? { ...view, role: { name: role.name, arn: role.arn, id: role.id } } : view;
    },
  };
}
