/** Milliseconds and counts of a trial, the same for every pool that can be told. */
export const LIMITS = {
  max: 2,
  acquireTimeout: 150,
  createTimeout: 100,
  validateTimeout: 60,
  destroyTimeout: 60,
  /** Between two attempts to create, where a pool waits between them. */
  retryInterval: 20,
} as const;

/** How long the phases take. */
export const TOOK = { usual: 1, slow: 20, late: 250 } as const;

/** Beyond its deadline so long, a caller counts as stuck; generous, because many processes share the machine. */
export const GRACE = 400;
