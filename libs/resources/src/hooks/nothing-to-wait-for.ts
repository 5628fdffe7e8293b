/** Shared, so that what has nothing to wait for allocates nothing. */
export const NOTHING_TO_WAIT_FOR: Promise<void> = Promise.resolve();
