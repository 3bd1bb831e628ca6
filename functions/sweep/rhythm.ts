/** How often sweep comes; also the slot in which one recovery per run is started at most. */
export const SLOT_MS = 15 * 60_000;
/** A run whose grant ended this long ago, and which has not begun to restore, does not get on by itself any more. */
export const OVERDUE_MS = 15 * 60_000;
