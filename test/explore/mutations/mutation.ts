import type { Removal } from './removal';

/** One protection of StepUp, and how it is removed. */
export interface Mutation {
  /** As in the table of docs/design.md. */
  name: string;
  remove: Removal[];
  /** Schedules that have found its removal: they are tried first. */
  hints?: string[];
  /** Assumptions about AWS that have to be wrong before its removal shows: its search, if no hint finds it, negates them. */
  not?: string[];
  /** Why the exploration cannot find its removal. */
  unfound?: string;
}
