/** What waits in a queue. It is its own list node, so that leaving is O(1) wherever it stands. */
export interface QueueEntry<E> {
  previous: E | undefined;
  next: E | undefined;
  /** From 0 to {@link HIGHEST_PRIORITY}; higher is served first by {@link PriorityOrder}. */
  readonly priority: number;
  /** For whom it waits: a tenant or an owner. */
  readonly tenant: string;
  /** Since when it waits, in milliseconds of the pool's clock. */
  queuedAt: number;
}

/** Decides who is served next. */
export interface QueueOrder<E> {
  /** Entries, a count. */
  readonly size: number;
  /** The one that waits longest. */
  readonly oldest: E | undefined;
  add(entry: E): void;
  /** Takes out the one to serve. @param now milliseconds of the pool's clock */
  take(now: number): E | undefined;
  /** @param entry must be in it */
  remove(entry: E): void;
  /** Visits all, in no particular order; the one that is visited may be removed. */
  forEach(visit: (entry: E) => void): void;
}

export const HIGHEST_PRIORITY = 9;
