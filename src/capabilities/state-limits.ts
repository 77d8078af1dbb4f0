/** What a plugin may keep over restarts: checked where its guest asks for it, and again where the host takes it over. */

export const MAX_KEY_LENGTH = 64;
export const MAX_KEYS = 64;
/** All values of a plugin together: a baseline and its history, not a log. */
export const MAX_TOTAL_BYTES = 65_536;
/** Of one call: every key that may be kept is new, and every one that was kept is deleted. */
export const MAX_CHANGES = 2 * MAX_KEYS;
