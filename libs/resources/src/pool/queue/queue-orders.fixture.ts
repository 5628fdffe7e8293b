/** One who asked for a resource. Times are milliseconds of the clock. */
export interface Caller {
  readonly owner: string;
  readonly tenant: string;
  readonly priority: number;
  readonly signal: AbortSignal;
  readonly askedAt: number;
  readonly deadline: number;
  /** When it came, on the count of all comings and turns. */
  readonly came: number;
  /** Whether the pool took callers when this one came. */
  readonly mayEnter: boolean;
  /** Whether too many waited then. */
  readonly full: boolean;
}

/**
 * Whether it is the turn of `next`. Given who waits, in the order in which they came, the time, the last turn of
 * each tenant on the count of {@link Caller.came}, and the tenants that have just had one, nobody knows when.
 */
export type Order = (
  next: Caller,
  waiting: readonly Caller[],
  now: number,
  turns: ReadonlyMap<string, number>,
  justHadOne: ReadonlySet<string>,
) => boolean;

export const fifo: Order = (next, waiting) => next === waiting[0];

export const lifo: Order = (next, waiting) => next === waiting.at(-1);

/** @param ageing milliseconds of waiting that raise the priority by one */
export const byPriority =
  (ageing: number): Order =>
  (next, waiting, now) => {
    const worth = ({ priority, askedAt }: Caller): number => priority + (now - askedAt) / ageing;
    const best = Math.max(...waiting.map(worth));
    const first = waiting.find(({ priority }) => priority === next.priority);
    return next === first && worth(next) === best;
  };

/** A tenant has no second turn while another waits that has had none since, and each serves its own in order. */
export const fair: Order = (next, waiting, _, turns, justHadOne) => {
  const last = turns.get(next.tenant) ?? -1;
  const had = ({ tenant, came }: Caller): boolean =>
    came > last || (turns.get(tenant) ?? -1) > last || justHadOne.has(tenant);
  const first = waiting.find(({ tenant }) => tenant === next.tenant);
  return next === first && waiting.every((other) => other.tenant === next.tenant || had(other));
};

/** Each tenant's own callers in order, and no more than that. */
export const inOrderPerTenant: Order = (next, waiting) =>
  next === waiting.find(({ tenant }) => tenant === next.tenant);
