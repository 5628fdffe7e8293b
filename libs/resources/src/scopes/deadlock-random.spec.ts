import { describe, expect, it } from '@jest/globals';
import { DeadlockError } from '../errors/deadlock-error.js';
import type { Lease } from '../pool/leases/lease.js';
import { seeded } from '../pool/seeded.fixture.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { Sessions } from '../coordinator/sessions.fixture.js';

const TYPES = ['a', 'b', 'c', 'd'];
const DEADLOCK_TIMEOUT = 100;

/** What the test knows of one scope, without looking into the library. */
interface Known {
  name: string;
  held: string[];
  /** None while it works. */
  waitsFor: string | undefined;
}

/** Random scopes over random pools, none of which ever times out: who is stuck stays stuck. */
class Crowd {
  readonly clock = new VirtualClock();
  readonly victims: string[] = [];
  private readonly random: (below: number) => number;
  private readonly max: Record<string, number>;
  private readonly coordinator: ResourceCoordinator;
  private readonly known = new Set<Known>();

  constructor(
    seed: number,
    private readonly ordered: boolean,
  ) {
    this.random = seeded(seed);
    this.max = Object.fromEntries(TYPES.map((type) => [type, 1 + this.random(3)]));
    this.coordinator = new ResourceCoordinator({
      clock: this.clock,
      deadlockTimeout: DEADLOCK_TIMEOUT,
      resources: Object.fromEntries(
        TYPES.map((type) => [
          type,
          new Sessions().definition({ max: this.max[type], acquireTimeout: Infinity }),
        ]),
      ),
    });
  }

  /** @returns how many of the works have ended, one way or the other */
  async run(scopes: number): Promise<number> {
    let ended = 0;
    const works = Array.from({ length: scopes }, (_, index) => this.work(`scope ${index}`));
    const strangers = Array.from({ length: 3 }, () => this.stranger());
    for (const work of [...works, ...strangers]) void work.then(() => ended++);
    await this.clock.advance(60_000);
    expect(this.coordinator.leases()).toEqual([]);
    return ended - strangers.length;
  }

  private async work(name: string): Promise<void> {
    await this.pause();
    const me: Known = { name, held: [], waitsFor: undefined };
    const types = TYPES.filter(() => this.random(2) === 0);
    if (!this.ordered) types.sort(() => this.random(3) - 1);
    this.known.add(me);
    try {
      await this.coordinator.run(() => this.takeAll(me, types), { owner: name });
    } catch (error) {
      if (!(error instanceof DeadlockError)) throw error;
      this.victims.push(name);
    } finally {
      this.known.delete(me);
    }
  }

  private async takeAll(me: Known, types: string[]): Promise<void> {
    const [type, ...rest] = types;
    if (type === undefined) return await this.pause();
    const lease = await this.acquire(me, type);
    await this.pause();
    if (this.random(4) === 0) {
      me.held.splice(me.held.indexOf(type), 1);
      await lease.release();
    }
    await this.takeAll(me, rest);
  }

  private async acquire(me: Known, type: string): Promise<Lease<unknown>> {
    me.waitsFor = type;
    try {
      const lease = await this.coordinator.acquire(type);
      me.held.push(type);
      return lease;
    } catch (error) {
      this.expectStuck(me);
      throw error;
    } finally {
      me.waitsFor = undefined;
    }
  }

  /** Holds a lease outside of any scope for long, and gives it back. */
  private async stranger(): Promise<void> {
    await this.pause();
    const lease = await this.coordinator.acquire(TYPES[this.random(TYPES.length)]);
    await this.pause(1_000);
    await lease.release();
  }

  /** Lets everybody end who works or can be served, and counts on the strangers: the victim must be left. */
  private expectStuck(victim: Known): void {
    const left = new Set(this.known);
    const free = (type: string): number => {
      const held = [...left].flatMap(({ held }) => held).filter((other) => other === type).length;
      return this.max[type] - held;
    };
    for (let served: Known | undefined; ;) {
      served = [...left].find(({ waitsFor }) => waitsFor === undefined || free(waitsFor) > 0);
      if (served === undefined) break;
      left.delete(served);
    }
    expect([...left]).toContain(victim);
  }

  private pause(most = 50): Promise<void> {
    return new Promise((resolve) => void this.clock.setTimeout(resolve, this.random(most)));
  }
}

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

describe('random scopes over random pools', () => {
  it.each(SEEDS)('all end, and nobody gives up who is in no circle, with seed %d', async (seed) => {
    expect(await new Crowd(seed, false).run(12)).toBe(12);
  });

  it('are in a circle often enough to tell', async () => {
    const victims: string[] = [];
    for (const seed of SEEDS.slice(0, 10)) {
      const crowd = new Crowd(seed, false);
      await crowd.run(12);
      victims.push(...crowd.victims);
    }
    expect(victims.length).toBeGreaterThan(5);
  });

  it.each(SEEDS.slice(0, 20))('lose nobody where all keep one order, with seed %d', async (seed) => {
    const crowd = new Crowd(seed, true);
    expect(await crowd.run(12)).toBe(12);
    expect(crowd.victims).toEqual([]);
  });
});
