import type { ResourceFactory } from '../factory/resource-factory.js';
import { type Lease, PoolLease } from './lease.js';

/**
 * A lease's outer side, where the pool must notice that its user has dropped it: the pool holds the inner lease, the
 * user only this one, so this one can be garbage-collected while the loan is going on.
 */
class DroppableLease<T> implements Lease<T> {
  constructor(readonly inner: PoolLease<T>) {}

  get resource(): T {
    return this.inner.resource;
  }

  get age(): number {
    return this.inner.age;
  }

  get owner(): string {
    return this.inner.owner;
  }

  get ended(): boolean {
    return this.inner.ended;
  }

  release(): Promise<void> {
    return this.inner.release();
  }

  invalidate(reason?: unknown): Promise<void> {
    return this.inner.invalidate(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.inner.release();
  }
}

/**
 * Notices leases that were garbage-collected without release (as SqlClient and SQLAlchemy do). When that
 * happens is the engine's choice, so it is a safety net below `maxLeaseTime`, not a substitute for releasing.
 */
export class CollectedLeases<T> {
  private readonly registry: FinalizationRegistry<PoolLease<T>>;

  /** @param dropped hears of a lease whose user is gone; it may have ended */
  constructor(dropped: (lease: PoolLease<T>) => void) {
    this.registry = new FinalizationRegistry(dropped);
  }

  /** What to give to the user in the lease's place. */
  watch(inner: PoolLease<T>): Lease<T> {
    const lease = new DroppableLease(inner);
    this.registry.register(lease, inner);
    return lease;
  }
}

/** Whether something is a lease of a pool. */
export function isLease(value: unknown): value is Lease<unknown> {
  return value instanceof PoolLease || value instanceof DroppableLease;
}

/** The pool's own side of a lease. */
export function innerOf(lease: Lease<unknown>): Lease<unknown> {
  return lease instanceof DroppableLease ? lease.inner : lease;
}

/**
 * Ends a lease whose unit of work was given up while something of it may go on unseen: its handles refuse, its resource is never
 * lent on, and `abandonment` says when it retires. What is not a pool's lease is released.
 */
export function abandonLease(lease: Lease<unknown>): void {
  const inner = innerOf(lease);
  if (inner instanceof PoolLease) inner.abandon();
  else void lease.release();
}

/** The factory that has made what a lease lends, if it is a pool's lease. */
export function factoryOf(lease: Lease<unknown>): ResourceFactory<unknown> | undefined {
  const inner = innerOf(lease);
  return inner instanceof PoolLease ? inner.slot.factory : undefined;
}
