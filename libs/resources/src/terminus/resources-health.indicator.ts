import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import type { ResourceTypeName } from '../coordinator/resource-types.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { RegisteredPool } from '../coordinator/pool-registry.js';
import { KeyedResourcePool } from '../pool/keyed/keyed-resource-pool.js';

/** From which share of `max` on loan a pool counts as nearly used up. */
const HIGH_WATER = 0.9;

/** Most milliseconds for the attempt to create one resource, when none is left. */
const PROBE_TIMEOUT = 1_000;

/**
 * Reports one pool to Terminus with its figures, and why and since when nothing can be created, if that is so: `up`; `degraded` when callers are waiting or nearly all
 * is on loan; `down` when it is closed, paused, or cannot create. Terminus 11 knows no `degraded`: there it is `up`, with the same `reason`.
 */
@Injectable()
export class ResourcesHealthIndicator {
  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /**
   * @param key the resource type, and under which the report shows it
   * @throws UnknownResourceError for a type that nobody registered
   */
  check<const Key extends ResourceTypeName>(key: Key): Promise<HealthIndicatorResult<Key>>;
  /**
   * @param key under which the report shows it
   * @param type of the resource
   * @throws UnknownResourceError for a type that nobody registered
   */
  check<const Key extends string>(key: Key, type: ResourceTypeName): Promise<HealthIndicatorResult<Key>>;
  async check<Key extends string>(key: Key, type: string = key): Promise<HealthIndicatorResult<Key>> {
    const indicator = this.indicators.check(key);
    const pool = this.coordinator.pools.get(type);
    if (pool === undefined) {
      if (this.coordinator.draining) return indicator.down({ reason: 'closed', phase: 'stopped' });
      throw UnknownResourceError.forType(type, [...this.coordinator.pools.keys()]);
    }
    const reason = this.coordinator.announced ? 'shutting down' : await this.whyDown(pool);
    const { min, max, size, idle, leased, creating, pending, timeouts, breaker, failing } = pool.stats;
    const counts = { min, max, size, idle, leased, creating, pending, timeouts };
    const figures = {
      phase: this.coordinator.phaseOf(type),
      ...counts,
      breaker,
      ...(failing && { failing }),
    };
    if (reason !== undefined) return indicator.down({ reason, ...figures });
    if (pending === 0 && leased < max * HIGH_WATER) return indicator.up(figures);
    const impaired = { reason: pending > 0 ? 'callers are waiting' : 'nearly used up', ...figures };
    const canBeDegraded: boolean = 'degraded' in indicator; // not in Terminus 11
    return canBeDegraded ? indicator.degraded(impaired) : indicator.up(impaired);
  }

  private async whyDown(pool: RegisteredPool): Promise<string | undefined> {
    if (pool.closed) return 'closed';
    if (pool.paused) return 'paused';
    if (pool instanceof KeyedResourcePool) return undefined; // one key's failure is not the type's
    const { size, creating, abandoned } = pool.stats;
    if (pool.lastCreationError === undefined || size > creating + abandoned) return undefined;
    // Nothing left, and the last creation failed. A pool that gets no traffic would never learn that it could again.
    try {
      await pool.use(() => undefined, { timeout: PROBE_TIMEOUT, owner: 'health check' });
      return undefined;
    } catch {
      return 'cannot create';
    }
  }
}
