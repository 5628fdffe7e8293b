import { roomOfFactory } from '../../hooks/factory-stats.js';
import type { Inventory } from '../inventory.js';
import type { IdleTime, MeasuredPool } from './sizer.js';

/** The parts of a pool that tell how busy it is; implemented by the dispatcher. */
export interface PoolLoadHost<T> {
  readonly paused: boolean;
  readonly queue: { readonly ready: number };
  readonly inventory: Pick<Inventory<T>, 'slots' | 'maker'>;
  readonly replenisher: { readonly occupied: number };
  /** Resources that there may be now, a count. */
  readonly most: number;
}

/** How busy a pool is at this moment. */
export class PoolLoad<T> implements MeasuredPool {
  constructor(private readonly host: PoolLoadHost<T>) {}

  get crowded(): boolean {
    const { queue, paused, inventory } = this.host;
    const { inService, idle } = inventory.slots;
    return queue.ready > 0 && !paused && idle === 0 && inService > 0 && this.unmade === 0;
  }

  get unmade(): number {
    const { most, replenisher } = this.host;
    return Math.max(0, most - replenisher.occupied);
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
