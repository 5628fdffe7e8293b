import { roomOfFactory } from '../../hooks/factory-stats.js';
import type { Inventory } from '../inventory.js';
import type { IdleTime, MeasuredPool } from './sizer.js';

/** The parts of a pool that tell how busy it is; implemented by the dispatcher. */
export interface PoolLoadHost<T> {
  readonly paused: boolean;
  readonly queue: { readonly ready: number };
  readonly inventory: Pick<Inventory<T>, 'slots' | 'maker'>;
  readonly replenisher: { readonly occupied: number };
}

/** How busy a pool is at this moment. */
export class PoolLoad<T> implements MeasuredPool {
  constructor(private readonly host: PoolLoadHost<T>) {}

  crowds(size: number): boolean {
    const { queue, paused, inventory } = this.host;
    const { inService, idle } = inventory.slots;
    return queue.ready > 0 && !paused && idle === 0 && inService > 0 && this.missing(size) === 0;
  }

  missing(size: number): number {
    return Math.max(0, size - this.host.replenisher.occupied);
  }

  idleTimes(): IdleTime[] {
    const times: IdleTime[] = [];
    this.host.inventory.slots.forEach(({ state, idleSince: since, lease }) => {
      if (state === 'idle') times.push({ since, until: Infinity });
      else if (lease !== undefined) times.push({ since, until: lease.acquiredAt });
    });
    return times;
  }

  room(): number | undefined {
    return roomOfFactory(this.host.inventory.maker().factory);
  }
}
