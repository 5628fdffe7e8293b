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
  /** Its last sign of life: when it was made, given back or validated. Milliseconds of the clock. */
  aliveAt: number;
  validating: boolean;
  /** It has failed its validation. */
  dead: boolean;
}

/** What scopes know of the leases of a cache. */
type Abandonable = CacheLease<Specimen> & { abandon(): Promise<void> };

/** One step of a run. `pick` chooses among what is there at that moment. */
export type Operation =
  | { kind: 'lease'; key: string; signal: boolean; timeout: number | undefined }
  | { kind: 'tryLease' | 'delete' | 'put' | 'wrap'; key: string }
  | {
      kind:
        'release' | 'abandon' | 'invalidate' | 'abort' | 'land' | 'fail' | 'destroyed' | 'proved' | 'failed';
      pick: number;
    }
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
      weight: 11,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'release',
          'release',
          'land',
          'land',
          'abandon',
          'invalidate',
          'abort',
          'fail',
          'destroyed',
          'proved',
          'failed',
        ),
        pick,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), time: fc.nat({ max: 600 }) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
  );
}

/** A load, a validation or a destruction that ends when the run says so. */
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
  private validations: Pending[] = [];
  private closing = false;
  private broken: Error | undefined;
  private asked = 0;
  private answered = 0;

  constructor(
    private readonly options: CacheOptions & { max: number },
    private readonly aliveBypass: number,
  ) {
    // Loads, validations and destructions are given up only at the end: one that was is out of the cache's hands.
    this.cache = new ResourceCache(
      {
        ...options,
        load: { timeout: 1e9 },
        lease: { timeout: 1e9, destroyTimeout: 1e9 },
        validation: { aliveBypass, timeout: 1e9 },
      },
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
        if (lease !== undefined) this.hold(operation.key, lease, false);
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
      case 'release': {
        const lease = take(this.leases, operation.pick);
        if (lease !== undefined) lease.resource.aliveAt = this.clock.now();
        await lease?.release();
        break;
      }
      case 'abandon':
        await (take(this.leases, operation.pick) as Abandonable | undefined)?.abandon();
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
      case 'proved':
        take(this.validations, operation.pick)?.land();
        break;
      case 'failed':
        take(this.validations, operation.pick)?.fail();
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
      this.landAll();
      for (const lease of this.leases.splice(0)) await lease.release();
      await this.clock.advance(100);
      await settle();
      this.check();
    }
    this.expect(this.asked === this.answered, 'a caller waits although there is room');
    for (const lease of this.leases.splice(0)) await lease.release();
    this.closing = true;
    const closing = this.cache.close();
    for (let turn = 0; turn < 10; turn++) {
      await settle();
      this.landAll();
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
      .lease<Specimen>(key, this.load, {
        destroy: this.destroy,
        validate: this.validate,
        signal: controller.signal,
        timeout,
      })
      .then((lease) => this.hold(key, lease, true))
      .catch(() => undefined) // a load that failed, or a caller that left
      .finally(() => this.answered++);
  }

  /** @param waited whether it may have been validated for this very loan, or lent with others that were */
  private hold(key: string, lease: CacheLease<Specimen>, waited: boolean): void {
    this.expect(lease.resource.key === key, 'a lease has another key');
    this.expect(lease.resource.state === 'alive', 'a lease has a destroyed resource at its hand-over');
    const { resource } = lease;
    this.expect(!resource.validating && !resource.dead, 'a lease has a resource that has not proved itself');
    const now = this.clock.now();
    const proved = now - resource.aliveAt < this.aliveBypass || (waited && now === resource.aliveAt);
    const used = this.leases.some((other) => other.resource === resource);
    this.expect(proved || used, 'an idle resource is lent without a proof');
    this.leases.push(lease);
  }

  private readonly load = async ({ key }: LoadContext): Promise<Specimen> => {
    await new Promise<void>((land, reject) =>
      this.loads.push({ land, fail: () => reject(new Error('no answer')) }),
    );
    const aliveAt = this.clock.now();
    const specimen: Specimen = { key, state: 'alive', aliveAt, validating: false, dead: false };
    this.made.push(specimen);
    return specimen;
  };

  private readonly destroy = async (specimen: Specimen): Promise<void> => {
    this.expect(specimen.state === 'alive', 'a resource is destroyed twice');
    this.expect(this.closing || !specimen.validating, 'a resource is destroyed under its validation');
    specimen.state = 'destroying';
    await new Promise<void>((land) => this.destroyed.push({ land, fail: land }));
    specimen.state = 'gone';
  };

  private readonly validate = async (specimen: Specimen): Promise<boolean> => {
    this.expect(specimen.state === 'alive' && !specimen.dead, 'a resource that is gone is validated');
    this.expect(!specimen.validating, 'a resource is validated twice at a time');
    this.expect(
      !this.leases.some(({ resource }) => resource === specimen),
      'a resource is validated that is in use',
    );
    specimen.validating = true;
    const proved = await new Promise<boolean>((verdict) =>
      this.validations.push({ land: () => verdict(true), fail: () => verdict(false) }),
    );
    specimen.validating = false;
    if (proved) specimen.aliveAt = this.clock.now();
    else specimen.dead = true;
    return proved;
  };

  private landAll(): void {
    const all = [this.loads, this.validations, this.destroyed].flatMap((pending) => pending.splice(0));
    for (const pending of all) pending.land();
  }

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
