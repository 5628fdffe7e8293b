import type { Lifecycle } from '../../lifecycle/lifecycle.js';
import type { ShutdownSteps } from '../../lifecycle/shutdown-steps.js';
import type { TypeLives } from '../../lifecycle/type-lives.js';
import type { DrainReport, ShutdownReport } from '../../reports/drain-report.js';
import type { ScopeRegistry } from '../../scopes/scope-registry.js';
import type { Clock } from '../../time/clock.js';
import type { CacheRegistry } from '../cache-registry.js';
import type { PoolRegistry } from '../pool-registry.js';

/**
 * Starts all pools and caches, and ends them, within one deadline. It knows what there is, and what a coordinator's phase is to be;
 * in which order types start and stop is known to their lives, and the coordinator's user says when.
 */
export class StartAndStop {
  /** How the end went; undefined before. */
  report: ShutdownReport | undefined = undefined;
  private starting: Promise<void> | undefined;
  private stopping: Promise<ShutdownReport> | undefined;

  /** @param startTimeout most milliseconds for all types together */
  constructor(
    private readonly pools: PoolRegistry,
    private readonly caches: CacheRegistry,
    private readonly lives: TypeLives,
    private readonly scopes: ScopeRegistry,
    private readonly lifecycle: Lifecycle,
    private readonly clock: Clock,
    private readonly steps: ShutdownSteps,
    private readonly startTimeout: number,
  ) {}

  /**
   * A second call waits for the first one's start.
   *
   * @throws InvalidOptionsError and UnknownResourceError before anything starts; what the first of them failed with, when all are ended;
   * IllegalTransitionError after the end
   */
  async start(): Promise<void> {
    if (this.starting === undefined || this.lifecycle.draining) {
      this.lives.checkAll();
      this.lifecycle.enter('starting');
      this.starting = this.startAll();
    }
    await this.starting;
  }

  /** From now on, new work borrows nothing; work that has begun still does. */
  startDraining(): void {
    if (this.lifecycle.draining) return;
    this.pools.seal();
    this.steps.beginDraining();
    this.lifecycle.enter('draining');
  }

  /** Drains a type's pool, ends it and forgets it. @param deadline milliseconds from now @throws UnknownResourceError */
  async unregister(type: string, deadline: number): Promise<DrainReport> {
    const pool = this.pools.require(type);
    const report = await this.lives.remove(type, 'pool', deadline);
    if (this.pools.pools.get(type) === pool) this.pools.remove(type);
    return report;
  }

  /**
   * A second call gets the first one's report.
   *
   * @param deadline milliseconds from now
   * @param inside whether a scope asks, which would wait for itself
   */
  stop(deadline: number, inside: boolean): Promise<ShutdownReport> {
    return (this.stopping ??= this.end(this.steps.haste.made ? 0 : deadline, inside));
  }

  /** Waits no longer for what is on loan, now or later. */
  hasten(): void {
    this.scopes.giveUp();
    if (this.stopping === undefined) return;
    for (const [type, pool] of this.pools.pools)
      if (this.lives.phaseOf(type) === 'draining') void pool.close({ deadline: 0 });
    for (const [type, resources] of this.caches.types)
      if (this.lives.phaseOf(type) === 'draining') void resources.close({ deadline: 0 });
    void this.caches.cache.close({ deadline: 0 });
  }

  /** Types have entered phases: while the coordinator is up, it is as well as they are. */
  readonly follow = (): void => {
    const { phase } = this.lifecycle;
    const { impairment } = this.lives;
    if (phase === 'ready' && impairment !== undefined) this.lifecycle.enter('degraded', impairment.cause);
    else if (phase === 'degraded' && impairment === undefined) this.lifecycle.enter('ready');
  };

  private async startAll(): Promise<void> {
    const { lives, lifecycle, caches } = this;
    try {
      await lives.start(this.startTimeout, caches.cache.check());
    } catch (error) {
      if (!lifecycle.draining) lifecycle.enter('failed', error);
      await this.stop(0, false);
      throw error;
    }
    if (lifecycle.draining) return;
    const { impairment } = lives;
    if (impairment === undefined) lifecycle.enter('ready');
    else lifecycle.enter('degraded', impairment.cause);
  }

  private async end(deadline: number, inside: boolean): Promise<ShutdownReport> {
    this.startDraining();
    const start = this.clock.now();
    const elapsed = (): number => this.clock.now() - start;
    const remaining = (): number => (this.steps.haste.made ? 0 : Math.max(0, deadline - elapsed()));
    if (!inside) await this.scopes.over(deadline);
    this.steps.clock.begin('close');
    this.caches.seal();
    const [types, cache] = await Promise.all([
      this.lives.stop(remaining),
      this.caches.cache.close({ deadline: remaining() }),
    ]);
    this.pools.end();
    const held = [...types.held, ...cache.held];
    this.report = this.steps.reportOn({ clean: types.clean && cache.clean, held, duration: elapsed() });
    this.lifecycle.enter('stopped');
    return this.report;
  }
}
