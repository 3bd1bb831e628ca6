import { LAG, type World } from '../world';
import { managedPolicies } from './managedPolicies';
import type { PolicyDocument } from './policyDocument';

/** What everything named in IAM has. `key`: under which the state files it. */
export interface Entity {
  readonly key: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly created: Date;
  readonly tags: Readonly<Record<string, string>>;
}

/** A user or a role: what policies are put on. */
export interface Identity extends Entity {
  readonly inline: Readonly<Record<string, PolicyDocument>>;
  /** ARNs. */
  readonly attached: readonly string[];
  /** ARN of the permissions boundary. */
  readonly boundary?: string;
}

export interface Role extends Identity {
  readonly trust: PolicyDocument;
  readonly description?: string;
  readonly maxSessionDuration: number;
}

export interface Profile extends Entity {
  /** Key of its one role. */
  readonly role?: string;
}

export interface Policy extends Entity {
  readonly document: PolicyDocument;
  readonly version: string;
  /** Of the version; absent: as old as the policy. */
  readonly updated?: Date;
  readonly description?: string;
}

export interface UserKey {
  readonly key: string;
  readonly user: string;
  readonly secret: string;
  readonly status: 'Active' | 'Inactive';
  readonly created: Date;
}

/** Names are found case-insensitively (aws-facts-2 0c): roles, users and profiles are filed under the lower-case name. */
export interface State {
  readonly roles: ReadonlyMap<string, Role>;
  readonly users: ReadonlyMap<string, Identity>;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** By ARN. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** By access key id. */
  readonly accessKeys: ReadonlyMap<string, UserKey>;
}

/** What a table of the state holds. */
export type Of<Table extends keyof State> = State[Table] extends ReadonlyMap<string, infer Value> ? Value : never;

/** IAM's data: every write is seen at once by IAM's own operations, and `iamPropagation` later by everybody else. */
export class Store {
  /** When the account was opened. */
  readonly opened: Date;
  /** Long-lived keys of the account's root. */
  readonly rootKey: { readonly accessKeyId: string; readonly secretAccessKey: string };
  private journal: { at: number; state: State }[];

  constructor(readonly world: World) {
    this.opened = new Date(Math.floor(world.clock.now() / 1000) * 1000);
    this.rootKey = { accessKeyId: world.ids.accessKeyId('AKIA'), secretAccessKey: world.ids.secret(40) };
    const none = { roles: new Map(), users: new Map(), profiles: new Map(), accessKeys: new Map() };
    this.journal = [{ at: Number.NEGATIVE_INFINITY, state: { ...none, policies: managedPolicies(world.partition) } }];
  }

  /** As IAM's own operations see it. */
  get newest(): State {
    return this.journal[this.journal.length - 1]!.state;
  }

  /** As authorization, STS and EC2 see it (aws-facts 2.5). */
  get propagated(): State {
    return this.journal[this.before(this.world.delays.iamPropagation)]!.state;
  }

  /** As IAM's lists show it. */
  get listed(): State {
    return this.world.assumptions.listsAreCurrent ? this.newest : this.journal[this.before(LAG)]!.state;
  }

  /** An entity as lists about it and reads of its tags show it: what lags is at least as new as the entity. */
  seen<T extends Entity>(table: 'roles' | 'users' | 'profiles' | 'policies', entity: T): T {
    if (this.world.assumptions.listsAreCurrent) return entity;
    const versions = this.journal.slice(this.before(LAG)).map(({ state }) => state[table].get(entity.key));
    return versions.find((version) => version?.id === entity.id) as Entity as T;
  }

  put<Table extends keyof State>(table: Table, value: Of<Table> & { key: string }): void {
    this.write(table, [...this.newest[table], [value.key, value]]);
  }

  remove(table: keyof State, key: string): void {
    this.write(
      table,
      [...this.newest[table]].filter(([other]) => other !== key),
    );
  }

  private write(table: keyof State, entries: [string, unknown][]): void {
    const entry = { at: this.world.clock.now(), state: { ...this.newest, [table]: new Map(entries) } };
    // What nobody can see any more is forgotten.
    const oldest = this.before(Math.max(LAG, this.world.delays.iamPropagation));
    this.journal = [...this.journal.slice(oldest), entry];
  }

  /** The place of the state that was the newest `age` milliseconds ago. */
  private before(age: number): number {
    const horizon = this.world.clock.now() - age;
    return this.journal.findLastIndex(({ at }) => at <= horizon);
  }
}
