import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { CountingFactory, type Thing } from './counting-factory.fixture.js';
import { Outcome } from './deferred.fixture.js';
import type { Lease } from './lease.js';
import type { PoolEvent } from './pool-events.js';
import { type AcquireOptions, ResourcePool, type ResourcePoolOptions } from './resource-pool.js';

/** A pool on the workbench: with a counting factory, over a virtual clock. */
export class PoolBench {
  readonly factory: CountingFactory;
  readonly pool: ResourcePool<Thing>;

  constructor(
    options: ResourcePoolOptions = {},
    set: Partial<CountingFactory> = {},
    readonly clock = new VirtualClock(),
  ) {
    this.factory = Object.assign(new CountingFactory(), set);
    this.pool = new ResourcePool(this.factory, { type: 'thing', clock, ...options });
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
  async stock(count: number): Promise<void> {
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
