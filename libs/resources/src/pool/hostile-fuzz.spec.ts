import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HOSTILE_VALUES } from '../words/hostile-values.fixture.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { Deferred, Outcome } from './deferred.fixture.js';
import { type Lease, ResourceError, type ResourceFactory, ResourcePool } from './index.js';
import { seeded } from './seeded.fixture.js';

const MAKERS = Object.values(HOSTILE_VALUES);
const STEPS = 200;
const MAX = 3;

/** A factory each of whose hooks does the worst that chance finds, until it is healed. */
class HostileFactory implements ResourceFactory<object> {
  healthy = false;
  private readonly gates: Deferred[] = [];
  private last: object = {};

  constructor(private readonly random: (below: number) => number) {}

  readonly create: ResourceFactory<object>['create'] = ({ retire }) => {
    if (!this.healthy && this.random(6) === 0) retire(this.value());
    return this.worst(() => {
      if (this.healthy || this.random(3) > 0) this.last = {};
      return this.last; // at times the same again
    }) as object;
  };
  readonly validate = (): boolean => this.worst(() => true) as boolean;
  readonly reset = (): unknown => this.worst(() => undefined);
  readonly destroy = (): unknown => this.worst(() => undefined);

  /** Lets what hangs go on. */
  open(): void {
    for (const gate of this.gates.splice(0)) gate.resolve();
  }

  readonly value = (): unknown => MAKERS[this.random(MAKERS.length)]?.();

  private worst(well: () => unknown): unknown {
    const { value } = this;
    switch (this.healthy ? 9 : this.random(10)) {
      case 0:
        throw value();
      case 1:
        return Promise.reject(value());
      case 2:
        return value();
      case 3:
        return settle().then(value);
      case 4:
        // oxlint-disable-next-line unicorn/no-thenable -- what a hook may return
        return { then: (_: unknown, no: (reason: unknown) => void) => no(value()) };
      case 5: {
        const gate = new Deferred();
        this.gates.push(gate);
        return gate.promise.then(well);
      }
      default:
        return well();
    }
  }
}

let warned: jest.SpiedFunction<typeof process.emitWarning>;

beforeEach(() => {
  warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  warned.mockRestore();
});

describe('a pool whose factory, listeners and users do the worst', () => {
  it.each(Array.from({ length: 10 }, (_, seed) => seed))(
    'lends nothing twice, answers everybody, and is well when they are: seed %i',
    async (seed) => {
      const random = seeded(seed);
      const clock = new VirtualClock();
      const factory = new HostileFactory(random);
      const worst = factory.value as () => never;
      const pool = new ResourcePool<object>(factory, {
        clock,
        max: MAX,
        acquireTimeout: '1s',
        validation: { aliveBypass: 0, onReturn: random(2) === 0, timeout: 200, isFatal: worst },
        creation: { timeout: 300, retry: { attempts: 2, delay: 10 } },
        retirement: { timeout: 200, predicate: worst },
      });
      pool.observe(() => {
        throw worst();
      });
      pool.observe(() => Promise.reject(worst()) as never);
      const outcomes: Outcome<unknown>[] = [];
      const held = new Map<object, Lease<object>>();

      const take = async (): Promise<void> => {
        const lease = await pool.acquire();
        const { resource } = lease;
        if (typeof resource === 'object') {
          expect(held.get(resource)?.ended ?? true).toBe(true);
          held.set(resource, lease);
        }
        await clock.advance(random(20));
        await (random(3) === 0 ? lease.invalidate(worst()) : lease.release());
      };
      const use = (): Promise<unknown> =>
        pool
          .use(() => {
            throw worst();
          })
          .catch(() => undefined);
      for (let step = 0; step < STEPS; step++) {
        const asked = [take, take, take, use, () => pool.warmUp(), () => pool.flush()][random(6)];
        outcomes.push(new Outcome<unknown>(asked()));
        if (random(4) === 0) await clock.advance(random(60));
        if (random(10) === 0) factory.open();
        expect(pool.stats.size).toBeLessThanOrEqual(MAX);
      }

      factory.healthy = true;
      await clock.advance(20_000);
      expect(outcomes.map(({ state }) => state)).not.toContain('pending');
      for (const { state, error } of outcomes) {
        if (state === 'rejected') expect(error).toBeInstanceOf(ResourceError);
      }
      factory.open();
      await clock.advance(1_000);
      const leases = await Promise.all(Array.from({ length: MAX }, () => pool.acquire()));
      expect(new Set(leases.map(({ resource }) => resource)).size).toBe(MAX);
      for (const lease of leases) await lease.release();
      const closed = new Outcome(pool.close());
      await clock.advance(1_000);
      expect(closed.value).toMatchObject({ clean: true });
      expect(pool.stats).toMatchObject({ size: 0, creating: 0, destroying: 0, pending: 0 });
    },
  );
});
