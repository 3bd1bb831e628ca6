/** All work must have ended this long before its grant does. */
export const BEFORE_EXPIRY_MS = 60_000;
