import { ResourceError } from '../errors/resource-error.js';
import { WHEEL_RESOLUTION } from '../time/deadline-wheel.js';
import { settle } from '../time/virtual-clock.fixture.js';
import type { Thing } from './counting-factory.fixture.js';
import { never } from './deferred.fixture.js';
import type { Lease } from './lease.js';
import { PoolBench } from './pool-bench.fixture.js';

/** Random numbers that a seed repeats (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const broken = new Error('broken');

/** Does anything to a pool, in any order, and checks after each step what must hold at any time. */
export class RandomDriver {
  private readonly random: (below: number) => number;
  private readonly bench: PoolBench;
  private readonly held: Lease<Thing>[] = [];
  private readonly waiting = new Set<number>();
  private readonly aborters: AbortController[] = [];
  private callers = 0;
  private inspecting = 0;
  private healthy = false;
  private occupied = 0;
  private failure: unknown;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.bench = new PoolBench(
      {
        min: this.random(3),
        max: 3 + this.random(3),
        maxUses: 2 + this.random(6),
        idleTimeout: 300,
        maxLifetime: 600,
        maxLeaseTime: 700,
        acquireTimeout: 400,
        random: () => this.random(1_000) / 1_000,
        validation: {
          aliveBypass: this.random(2) * 50,
          timeout: 80,
          onReturn: this.random(2) === 0,
          keepAlive: 100 + this.random(200),
        },
        creation: {
          concurrency: 1 + this.random(4),
          timeout: 500,
          retry: { attempts: 1 + this.random(3), delay: 20, maxDelay: 60 },
          breaker: { failures: 1 + this.random(6), cooldown: 40, maxCooldown: 90 },
        },
        retirement: { timeout: 60 },
      },
      {
        creating: () => this.behave([30, 10, 10, 0]),
        destroying: () => this.behave([30, 5, 5, 5]),
        validate: () => this.inspect().then((good) => good !== false),
        reset: () => this.inspect(),
      },
    );
  }

  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.act();
      this.check();
      await settle();
      this.check();
      if (this.random(3) === 0) await this.bench.clock.advance(this.random(80));
      this.check();
    }
    await this.end();
  }

  private act(): void {
    const { pool, factory } = this.bench;
    const actions = [
      () => this.ask(),
      () => this.ask(),
      () => this.ask(),
      () => this.tryAcquire(),
      () => this.giveBack(false),
      () => this.giveBack(false),
      () => this.giveBack(false),
      () => this.giveBack(false),
      () => this.giveBack(this.random(2) === 0),
      () => this.random(8) === 0 && this.held.pop(),
      () => this.aborters[this.random(this.aborters.length || 1)]?.abort(),
      () => factory.created[factory.created.length - 1 - this.random(40)]?.context.retire(),
      () => this.random(4) === 0 && void pool.flush(),
      () => pool.resize({ max: 3 + this.random(4), min: this.random(3) }),
      () => (this.random(2) === 0 ? pool.pause() : pool.resume()),
      () => pool.resume(),
      () => this.random(4) === 0 && void pool.warmUp().catch(() => undefined),
    ];
    actions[this.random(actions.length)]?.();
  }

  private ask(): void {
    const ticket = this.callers++;
    const controller = new AbortController();
    const options = this.random(2) === 0 ? { signal: controller.signal } : { timeout: 1 + this.random(500) };
    this.aborters.push(controller);
    this.waiting.add(ticket);
    this.bench.pool
      .acquire(options)
      .then(
        (lease) => {
          if (Math.min(...this.waiting) !== ticket) throw new Error(`caller ${ticket} passed others`);
          this.waiting.delete(ticket);
          this.take(lease);
        },
        (error: unknown) => {
          this.waiting.delete(ticket);
          if (!(error instanceof ResourceError)) throw error;
        },
      )
      .catch((error: unknown) => (this.failure ??= error));
  }

  private tryAcquire(): void {
    const lease = this.bench.pool.tryAcquire();
    if (lease === undefined) return;
    if (this.waiting.size > 0) throw new Error('tryAcquire passed those who wait');
    this.take(lease);
  }

  private take(lease: Lease<Thing>): void {
    lease.resource.enter(lease.owner);
    this.held.push(lease);
  }

  private giveBack(broken: boolean): void {
    const [lease] = this.held.splice(this.random(this.held.length || 1), 1);
    if (lease === undefined) return;
    if (!lease.ended) lease.resource.leave();
    void (broken ? lease.invalidate() : lease.release());
    if (this.random(5) === 0) void lease.release();
  }

  /** Succeeds, fails, takes a while or hangs, as often as the weights say. */
  private behave([well, fails, slow, hangs]: [number, number, number, number]): unknown {
    if (this.healthy) return undefined;
    const dice = this.random(well + fails + slow + hangs);
    if (dice < well) return undefined;
    if (dice < well + fails) return Promise.reject(broken);
    if (dice >= well + fails + slow) return never();
    return new Promise<void>((resolve) => this.bench.clock.setTimeout(resolve, this.random(50)));
  }

  private async inspect(): Promise<unknown> {
    this.inspecting++;
    const timer = this.bench.clock.setTimeout(() => this.inspecting--, 80 + WHEEL_RESOLUTION);
    try {
      const result = await this.behave([60, 3, 8, 1]);
      return this.random(40) === 0 && !this.healthy ? false : result;
    } finally {
      if (this.bench.clock.clearTimeout(timer)) this.inspecting--;
    }
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
    const { size, idle, leased, creating, destroying, pending, created, destroyed, max } =
      this.bench.pool.stats;
    const { paused, breaker } = this.bench.pool;
    const { alive } = this.bench.factory;
    const must = (holds: boolean, what: string): void => {
      if (!holds) throw new Error(`${what}: ${JSON.stringify(this.bench.pool.stats)}, ${alive} alive`);
    };
    must(idle + leased + creating === size, 'places do not add up');
    must(created - destroyed === size - creating + destroying, 'resources do not add up');
    must(size + destroying <= Math.max(max, this.occupied), 'more than max');
    must(
      Object.values({ size, idle, leased, creating, destroying, pending }).every((n) => n >= 0),
      'negative',
    );
    must(alive <= size + destroying, 'a resource is alive and in no place');
    const free = idle > 0 || size + destroying < max;
    const mayHope = creating + this.inspecting > 0 || (breaker !== 'closed' && leased > 0);
    must(pending === 0 || paused || mayHope || !free, 'a caller is stranded');
    this.occupied = size + destroying;
  }

  private async end(): Promise<void> {
    const { pool, clock, factory } = this.bench;
    this.healthy = true;
    pool.resume();
    await clock.advance(1_000);
    this.check();
    if (this.waiting.size > 0) throw new Error(`${this.waiting.size} callers were never answered`);
    const closed = pool.close({ deadline: 100 });
    await clock.advance(1_000);
    await closed;
    this.check();
    const { size, destroying, pending, acquired, released, created, destroyed } = pool.stats;
    const left = size + destroying + pending + (acquired - released) + (created - destroyed) + factory.alive;
    if (left !== 0 || clock.running !== 0) {
      throw new Error(
        `left over: ${JSON.stringify(pool.stats)}, ${factory.alive} alive, ${clock.running} timers`,
      );
    }
  }
}
