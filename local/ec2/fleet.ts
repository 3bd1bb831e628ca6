import type { Associations } from './associations';
import type { Instances } from './instances';

/** What the operations of this room work on. */
export interface Fleet {
  instances: Instances;
  associations: Associations;
}
