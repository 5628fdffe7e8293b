import * as fc from 'fast-check';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { CacheLease } from './cache-lease.js';
import type { CacheOptions } from '../cache-options.js';
import type { LoadContext } from '../entry-options.js';
import { ResourceCache } from '../resource-cache.js';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** A resource that knows in which part of its life it is. */
interface Specimen {
  readonly key: string;
  state: 'alive' | 'destroying' | 'gone';
}

/** One step of a run. `pick` chooses among what is there at that moment. */
export type Operation =
  | { kind: 'lease'; key: string; signal: boolean; timeout: number | undefined }
  | { kind: 'tryLease' | 'delete' | 'put' | 'wrap'; key: string }
  | { kind: 'release' | 'invalidate' | 'abort' | 'land' | 'fail' | 'destroyed'; pick: number }
  | { kind: 'pass'; time: number }
  | { kind: 'clear' };

export function operations(): fc.Arbitrary<Operation> {
  const key = fc.constantFrom(...KEYS);
  const pick = fc.nat({ max: 20 });
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('lease' as const),
        key,
        signal: fc.boolean(),
        timeout: fc.constantFrom(undefined, 30, 300),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constantFrom('tryLease', 'delete', 'put', 'wrap'), key }),
    },
    {
      weight: 9,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'release',
          'release',
          'land',
          'land',
          'invalidate',
          'abort',
          'fail',
          'destroyed',
        ),
        pick,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), time: fc.nat({ max: 600 }) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
  );
}

/** A load or a destruction that ends when the run says so. */
interface Pending {
  land(): void;
  fail(): void;
}

/** Runs operations against a cache, and checks after each of them what the cache promises. */
export class LeaseModelRun {
  private readonly clock = new VirtualClock();
  private readonly cache: ResourceCache;
  private readonly made: Specimen[] = [];
  private readonly leases: CacheLease<Specimen>[] = [];
  private readonly signals: AbortController[] = [];
  private loads: Pending[] = [];
  private destroyed: Pending[] = [];
  private broken: Error | undefined;
  private asked = 0;
  private answered = 0;

  constructor(private readonly options: CacheOptions & { max: number }) {
    // Loads and destructions are given up only at the end: one that was is out of the cache's hands.
    this.cache = new ResourceCache(
      { ...options, load: { timeout: 1e9 }, lease: { timeout: 1e9, destroyTimeout: 1e9 } },
      { clock: this.clock },
    );
  }

  async do(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'lease':
        this.ask(operation);
        break;
      case 'tryLease': {
        const lease = this.cache.tryLease<Specimen>(operation.key, 'model');
        if (lease !== undefined) this.hold(operation.key, lease);
        break;
      }
      case 'put':
        await this.cache.put(operation.key, 'a value');
        break;
      case 'wrap':
        await this.cache.wrap(operation.key, () => 'a value');
        break;
      case 'delete':
        await this.cache.delete(operation.key);
        break;
      case 'release':
        await take(this.leases, operation.pick)?.release();
        break;
      case 'invalidate':
        await take(this.leases, operation.pick)?.invalidate();
        break;
      case 'abort':
        take(this.signals, operation.pick)?.abort(new Error('left'));
        break;
      case 'land':
        take(this.loads, operation.pick)?.land();
        break;
      case 'fail':
        take(this.loads, operation.pick)?.fail();
        break;
      case 'destroyed':
        take(this.destroyed, operation.pick)?.land();
        break;
      case 'pass':
        await this.clock.advance(operation.time);
        break;
      case 'clear':
        await this.cache.clear();
    }
    await settle();
    this.check();
  }

  /** Lets everything end, and checks that nothing is left: no waiter, no lease, no resource. */
  async finish(): Promise<void> {
    for (let turn = 0; turn < 100 && this.asked > this.answered; turn++) {
      for (const pending of [...this.loads.splice(0), ...this.destroyed.splice(0)]) pending.land();
      for (const lease of this.leases.splice(0)) await lease.release();
      await settle();
      this.check();
    }
    this.expect(this.asked === this.answered, 'a caller waits although there is room');
    for (const lease of this.leases.splice(0)) await lease.release();
    const closing = this.cache.close();
    for (let turn = 0; turn < 10; turn++) {
      await settle();
      for (const pending of [...this.loads.splice(0), ...this.destroyed.splice(0)]) pending.land();
    }
    this.expect((await closing).clean, 'a lease is left');
    this.expect(
      this.made.every(({ state }) => state === 'gone'),
      'a resource is left',
    );
    if (this.broken !== undefined) throw this.broken;
  }

  private ask({ key, signal, timeout }: Operation & { kind: 'lease' }): void {
    const controller = new AbortController();
    if (signal) this.signals.push(controller);
    this.asked++;
    this.cache
      .lease<Specimen>(key, this.load, { destroy: this.destroy, signal: controller.signal, timeout })
      .then((lease) => this.hold(key, lease))
      .catch(() => undefined) // a load that failed, or a caller that left
      .finally(() => this.answered++);
  }

  private hold(key: string, lease: CacheLease<Specimen>): void {
    this.expect(lease.resource.key === key, 'a lease has another key');
    this.expect(lease.resource.state === 'alive', 'a lease has a destroyed resource at its hand-over');
    this.leases.push(lease);
  }

  private readonly load = async ({ key }: LoadContext): Promise<Specimen> => {
    await new Promise<void>((land, reject) =>
      this.loads.push({ land, fail: () => reject(new Error('no answer')) }),
    );
    const specimen: Specimen = { key, state: 'alive' };
    this.made.push(specimen);
    return specimen;
  };

  private readonly destroy = async (specimen: Specimen): Promise<void> => {
    this.expect(specimen.state === 'alive', 'a resource is destroyed twice');
    specimen.state = 'destroying';
    await new Promise<void>((land) => this.destroyed.push({ land, fail: land }));
    specimen.state = 'gone';
  };

  private check(): void {
    for (const lease of this.leases)
      this.expect(lease.resource.state === 'alive', 'a resource in use is destroyed');
    const alive = this.made.filter(({ state }) => state !== 'gone').length;
    this.expect(alive + this.loads.length <= this.options.max, `more than max are alive: ${alive}`);
    const { inUse, size, draining } = this.cache.stats;
    const used = new Set(this.leases.map(({ resource }) => resource));
    this.expect(inUse === used.size, `in use: ${inUse} for ${used.size}`);
    this.expect(draining <= inUse && size <= this.options.max, 'the counts do not add up');
    this.expect(this.cache.leases().length === this.leases.length, 'a lease is forgotten');
    if (this.broken !== undefined) throw this.broken;
  }

  /** Much of it is asked within the cache's own work, where a throw would be taken for a failure of the user's. */
  private expect(holds: boolean, what: string): void {
    if (!holds) this.broken ??= new Error(what);
  }
}

/** Takes one out of a list. */
function take<T>(list: T[], pick: number): T | undefined {
  return list.length === 0 ? undefined : list.splice(pick % list.length, 1)[0];
}
