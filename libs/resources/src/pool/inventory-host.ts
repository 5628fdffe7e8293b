import type { PoolLease } from './leases/lease.js';
import type { Slot } from './slots/slot.js';
import type { ReplenisherHost } from './creation/replenisher.js';

/** What those who lend do when the inventory changes. */
export interface InventoryHost<T> extends Pick<
  ReplenisherHost<T>,
  'arrived' | 'creationFailed' | 'demand' | 'pump' | 'stats' | 'wants'
> {
  /** One that was abandoned is dead. */
  heldDied(slot: Slot<T>, cause: unknown): void;
  /** Looks at a lease from time to time. */
  look(lease: PoolLease<T>, now: number): void;
  /** What has been idle for too long, or is too old, is gone. */
  swept(now: number): void;
}
