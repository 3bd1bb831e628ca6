import { type Call, type ConditionContext, type Operation, type OperationSchema, operation } from '../world';
import { type Paging, page } from './answers';
import { arnOf, existing, type Table } from './kinds';
import type { Entity, Of, State, Store } from './store';
import { validate } from './validation';

/** An operation of this room, still without its data. */
export type Make = (store: Store) => Operation;

/** An operation whose input is checked against the model first; it authorizes itself. */
export const define =
  <Input extends object, Output>(
    schema: OperationSchema,
    run: (call: Call<Input>, store: Store) => Output,
    support = 'full',
  ): Make =>
  (store) =>
    operation<Input, Output>('iam', schema, support, (call) => {
      validate(schema, call.input);
      return run(call, store);
    });

/** What an operation about one entity shows of it: lists may lag, and of a Get its tags (`listsAreCurrent`). */
function asRead<T extends Entity>(store: Store, table: Table, entity: T, name: string): T {
  if (name.startsWith('List')) return store.seen(table, entity);
  return name.startsWith('Get') ? { ...entity, tags: store.seen(table, entity).tags } : entity;
}

/** An operation on one existing role, user, profile or policy: authorized with its keys and those of `keys`, then found. */
const on =
  <T extends Table>(table: T) =>
  <Input extends object, Output>(
    schema: OperationSchema,
    run: (entity: Of<T>, input: Input, store: Store, call: Call<Input>) => Output,
    keys?: (input: Input) => ConditionContext,
    support?: string,
  ): Make =>
    define<Input, Output>(
      schema,
      (call, store) => {
        const entity = existing(store, call, table, `iam:${schema[2]}`, keys?.(call.input));
        return run(asRead(store, table, entity as Entity, schema[2]) as Of<T>, call.input, store, call);
      },
      support,
    );
export const onRole = on('roles');
export const onUser = on('users');
export const onProfile = on('profiles');
export const onPolicy = on('policies');

interface ListInput extends Paging {
  PathPrefix?: string;
}

/** A listing by path; the prefix is a plain string prefix, and part of the resource (aws-facts-2 14.3, 18.1). */
export const list = <T extends 'roles' | 'users' | 'profiles', Shape>(
  schema: OperationSchema,
  table: T,
  field: string,
  shape: (entity: Of<T>, state: State) => Shape,
): Make =>
  define<ListInput, object>(schema, (call, store) => {
    const prefix = call.input.PathPrefix ?? '/';
    call.authorize(`iam:${schema[2]}`, arnOf(store.world, table, prefix));
    const entities = [...store.listed[table].values()].filter(({ path }) => path.startsWith(prefix));
    const { items, more } = page(call.input, entities, ({ name }) => name);
    return { [field]: items.map((entity) => shape(entity as Of<T>, store.listed)), ...more };
  });
