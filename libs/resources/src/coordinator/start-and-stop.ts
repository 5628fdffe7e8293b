import { closePools } from '../lifecycle/close-pools.js';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import type { DrainReport } from '../reports/drain-report.js';
import type { ScopeRegistry } from '../scopes/scope-registry.js';
import type { Clock } from '../time/clock.js';
import type { CacheRegistry } from './cache-registry.js';
import type { PoolRegistry } from './pool-registry.js';

/**
 * Starts all pools and caches together, and ends them together, within one deadline. It knows what there is and in which
 * order; the coordinator's user says when.
 */
export class StartAndStop {
  /** How the end went; undefined before. */
  report: DrainReport | undefined = undefined;
  private stopping: Promise<DrainReport> | undefined;

  constructor(
    private readonly pools: PoolRegistry,
    private readonly caches: CacheRegistry,
    private readonly scopes: ScopeRegistry,
    private readonly lifecycle: Lifecycle,
    private readonly clock: Clock,
  ) {}

  /** @throws what the first of them failed with; then all are ended */
  async start(): Promise<void> {
    const warm = [...this.pools.pools.values()].map((pool) => pool.warmUp());
    const results = await Promise.allSettled([this.caches.cache.check(), ...warm]);
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) {
      await this.stop(0, false);
      throw failure.reason;
    }
    this.lifecycle.enter('running');
  }

  /** From now on, new work borrows nothing; work that has begun still does. */
  startDraining(): void {
    this.pools.seal();
    this.lifecycle.enter('draining');
  }

  /**
   * A second call gets the first one's report.
   *
   * @param deadline milliseconds from now
   * @param inside whether a scope asks, which would wait for itself
   */
  stop(deadline: number, inside: boolean): Promise<DrainReport> {
    return (this.stopping ??= this.end(deadline, inside));
  }

  private async end(deadline: number, inside: boolean): Promise<DrainReport> {
    this.startDraining();
    const start = this.clock.now();
    const elapsed = (): number => this.clock.now() - start;
    if (!inside) await this.scopes.over(deadline);
    const remaining = Math.max(0, deadline - elapsed());
    const [pools, caches] = await Promise.all([
      closePools(this.pools.pools.values(), remaining),
      this.caches.close(remaining),
    ]);
    this.pools.end();
    const held = [...pools.held, ...caches.held];
    this.report = { clean: pools.clean && caches.clean, held, duration: elapsed() };
    this.lifecycle.enter('closed');
    return this.report;
  }
}
