import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { CountingFactory, type Thing } from './counting-factory.fixture.js';
import { Outcome } from './deferred.fixture.js';
import type { Lease } from './leases/lease.js';
import type { PoolEvent } from '../reports/pool-event.js';
import type { AcquireOptions } from './acquire-options.js';
import { ResourcePool } from './resource-pool.js';
import type { ResourcePoolOptions } from './resource-pool-options.js';

/** Each creation is tried once, and what fails has no consequences. */
export const ONE_TRY = { retry: { attempts: 1 }, breaker: { failures: Infinity } };

/**
 * A pool on the workbench: with a counting factory, over a virtual clock. What `creation` does not ask for, it doesn't
 * get: neither retry nor breaker; nor does it try anything by itself, unless it is to be ready.
 */
export class PoolBench {
  readonly factory: CountingFactory;
  readonly pool: ResourcePool<Thing>;

  constructor(
    options: ResourcePoolOptions = {},
    set: Partial<CountingFactory> = {},
    readonly clock = new VirtualClock(),
  ) {
    this.factory = Object.assign(new CountingFactory(), set);
    const { creation, ...others } = options;
    const replaced = creation?.policy === undefined ? ONE_TRY : {};
    this.pool = new ResourcePool(this.factory, {
      type: 'thing',
      clock,
      readiness: 'ignored',
      ...others,
      creation: { ...replaced, ...creation },
    });
  }

  /** Asks without waiting for the answer. */
  ask(options?: AcquireOptions): Outcome<Lease<Thing>> {
    return new Outcome(this.pool.acquire(options));
  }

  /** Borrows as many as that. */
  borrow(count: number): Promise<Lease<Thing>[]> {
    return Promise.all(Array.from({ length: count }, () => this.pool.acquire()));
  }

  /** Leaves as many idle resources as that, the one with the highest number on top. */
  async inventory(count: number): Promise<void> {
    for (const lease of await this.borrow(count)) void lease.release();
    await settle();
  }

  /** All that happens from now on. */
  record(): PoolEvent[] {
    const events: PoolEvent[] = [];
    this.pool.observe((event) => events.push(event));
    return events;
  }
}
