import { setTimeout as delay } from 'node:timers/promises';
import { type ResourceFactory, ResourcePool } from 'nestjs-resources/pool';
import { Client } from 'pg';
import type { FaultProxy, ProxyFault } from './fault-proxy.js';
import type { ScheduledFault } from './fault-schedule.js';
import { atMost, heapIsFlat, type Invariant, none } from './invariants.js';
import { SoakLoad } from './soak-load.js';
import { Throughput } from './throughput.js';

const RECOVERED_SHARE = 0.7;
const RECOVERY_LIMIT = 10_000;
/** Waiting 2 s, holding 2 s until the lease is revoked, and what a busy machine adds. */
const LONGEST_CALL = 8_000;
const QUIET_WITHIN = 5_000;
const POLL_INTERVAL = 50;

const OPTIONS = {
  max: 10,
  min: 2,
  acquireTimeout: '2s',
  maxLeaseTime: '2s',
  maxLifetime: '20s',
  maxUses: 1_000,
  validation: { aliveBypass: '100ms', timeout: '500ms' },
  creation: { timeout: '1s', concurrency: 4 },
} as const;

export interface SoakCycle {
  fault: ProxyFault;
  /** Milliseconds. */
  duration: number;
  /** Served per second before the trouble, and until throughput was back: milliseconds, undefined for not at all. */
  before: number;
  recovery: number | undefined;
  /** Bytes, after a garbage collection. */
  heap: number;
  failures: number;
}

/** A pool of real sessions behind a proxy that has one trouble after the other. */
export class Soak {
  private readonly pool: ResourcePool<Client>;
  private readonly load: SoakLoad;
  private readonly throughput: Throughput;
  private readonly cycles: SoakCycle[] = [];
  private unhandled = 0;

  /** @param serverUrl past the proxy, to look at the server from outside */
  constructor(
    factory: ResourceFactory<Client>,
    private readonly proxy: FaultProxy,
    private readonly serverUrl: string,
  ) {
    process.on('unhandledRejection', () => this.unhandled++);
    this.pool = new ResourcePool(factory, OPTIONS);
    this.load = new SoakLoad(this.pool);
    this.throughput = new Throughput(() => this.load.served);
  }

  get failures(): ReadonlyMap<string, number> {
    return this.load.failures;
  }

  get served(): number {
    return this.load.served;
  }

  async cycle({ after, duration, fault }: ScheduledFault): Promise<SoakCycle> {
    const before = await this.throughput.during(after);
    const failuresBefore = this.failureCount;
    await this.proxy.set(fault);
    await delay(duration);
    await this.proxy.set({ kind: 'none' });
    const recovery = await this.throughput.until(before * RECOVERED_SHARE, RECOVERY_LIMIT);
    globalThis.gc?.();
    const cycle = {
      fault,
      duration,
      before,
      recovery,
      heap: process.memoryUsage().heapUsed,
      failures: this.failureCount - failuresBefore,
    };
    this.cycles.push(cycle);
    return cycle;
  }

  /** Stops the load, closes the pool, and looks at what is left. */
  async finish(): Promise<Invariant[]> {
    await Promise.race([this.load.stop(), delay(LONGEST_CALL)]);
    await this.becomeQuiet();
    const { leased, pending } = this.pool.stats;
    const { held } = await this.pool.close();
    const { created, destroyed } = this.pool.stats;
    return [
      none('leases that did not come back', leased + held.length),
      none('callers that still wait', pending),
      none('sessions created and never destroyed', created - destroyed),
      none('sessions left on the server', await this.sessionsLeft()),
      none('connections left in the proxy', this.proxy.connections),
      none('sessions lent to two at once', this.load.sharedSessions),
      none('sessions lent with what another left behind', this.load.dirtySessions),
      none('unhandled rejections', this.unhandled),
      none('faults after which throughput did not come back', this.unrecovered),
      atMost('the longest call', this.load.longest, LONGEST_CALL, 'ms'),
      heapIsFlat(this.cycles.map(({ heap }) => heap)),
    ];
  }

  private get unrecovered(): number {
    return this.cycles.filter(({ recovery }) => recovery === undefined).length;
  }

  private get failureCount(): number {
    return [...this.load.failures.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The last leases may still be on their way back: a reset takes a round trip. */
  private async becomeQuiet(): Promise<void> {
    const giveUpAt = performance.now() + QUIET_WITHIN;
    while (this.pool.stats.leased > 0 && performance.now() < giveUpAt) await delay(POLL_INTERVAL);
  }

  private async sessionsLeft(): Promise<number> {
    const observer = new Client({ connectionString: this.serverUrl, application_name: 'observer' });
    await observer.connect();
    const giveUpAt = performance.now() + QUIET_WITHIN;
    try {
      for (;;) {
        const { rows } = await observer.query<{ count: number }>(
          `SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'orders'`,
        );
        const count = rows[0]?.count ?? 0;
        if (count === 0 || performance.now() > giveUpAt) return count;
        await delay(POLL_INTERVAL);
      }
    } finally {
      await observer.end();
    }
  }
}
