import type { PoolStats } from '../reports/pool-stats.js';
import type { Replenisher } from './creation/replenisher.js';
import type { Inventory } from './inventory.js';
import type { LeaseLedger } from './leases/lease-ledger.js';
import type { PendingAcquires } from './queue/pending-acquires.js';
import type { WaiterQueue } from './queue/waiter-queue.js';

/** The parts of a pool that know what it counts; implemented by the dispatcher. */
export interface PoolParts<T> {
  readonly inventory: Pick<Inventory<T>, 'counts' | 'slots'>;
  readonly replenisher: Pick<Replenisher<T>, 'creating' | 'gate' | 'lastFailure'>;
  readonly queue: Pick<WaiterQueue<T>, 'size'>;
  readonly ledger: Pick<LeaseLedger<T>, 'began' | 'ended'>;
  readonly pending: Pick<PendingAcquires<T>, 'timeouts'>;
}

/** A picture of a pool at this moment. */
export function statsOf<T>(pool: PoolParts<T>, max: number, min: number): PoolStats {
  const { inventory, replenisher, queue, ledger, pending } = pool;
  return {
    min,
    max,
    size: inventory.slots.size + replenisher.creating,
    creating: replenisher.creating,
    ...inventory.counts(),
    pending: queue.size,
    acquired: ledger.began,
    released: ledger.ended,
    timeouts: pending.timeouts,
    breaker: replenisher.gate.state,
    failing: replenisher.lastFailure.report,
  };
}
