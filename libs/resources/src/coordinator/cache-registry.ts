import {
  type CachedResourceFactory,
  type CachedResourceOptions,
  CachedResources,
} from '../cache/cached-resources.js';
import type { CacheListener } from '../reports/cache-event.js';
import type { CacheLeaseInfo } from '../reports/lease-info.js';
import { CACHE_OPTION_NAMES, type CacheOptions } from '../cache/cache-options.js';
import type { CacheStats } from '../reports/cache-stats.js';
import type { CacheReport } from '../reports/cache-report.js';
import type { LoadHost } from '../cache/loads/load-host.js';
import { ResourceCache } from '../cache/resource-cache.js';
import { CacheClosedError } from '../errors/cache-closed-error.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { Clock } from '../time/clock.js';
import { refuseMisplacedOptions } from '../options/misplaced-options.js';
import { describeValue } from '../errors/describe-value.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import type { CachedResourceDefinitions } from './cached-resource-definition.js';
import type { ResourceOverrides } from './resource-overrides.js';

/** A listener, and what ends its listening to each of the caches. */
interface Listening {
  readonly listener: CacheListener;
  readonly stops: (() => void)[];
}

/**
 * The cache for values, and the cached resource types, each with a cache of its own, so that many tenants' clients do
 * not drive out the prices. It starts and ends them together.
 */
export class CacheRegistry {
  readonly cache: ResourceCache;
  private readonly byType = new Map<string, CachedResources<unknown>>();
  private readonly listeners = new Set<Listening>();
  private readonly lookouts: CacheListener[] = [];
  private closed = false;

  /** @throws InvalidOptionsError when a factory or an option cannot work */
  constructor(
    options: CacheOptions | undefined,
    definitions: CachedResourceDefinitions,
    private readonly clock: Clock,
    private readonly ground: NeutralGround,
    private readonly host: LoadHost,
    private readonly overrides: ResourceOverrides,
  ) {
    this.cache = new ResourceCache(overrides.traced(options), { clock, ground, host });
    if (typeof definitions !== 'object' || definitions === null)
      throw new InvalidOptionsError(
        'cachedResources',
        `must be an object of factories by resource type; got ${describeValue(definitions)}.`,
      );
    for (const [type, definition] of Object.entries(definitions)) {
      this.add(type, definition, definition?.cache, 'cachedResources');
      refuseMisplacedOptions(definition, CACHE_OPTION_NAMES, 'cache', `cachedResources.${type}`, type);
    }
  }

  get types(): ReadonlyMap<string, CachedResources<unknown>> {
    return this.byType;
  }

  /**
   * @param at where the definition stands, for errors
   * @throws InvalidOptionsError when the type is taken or cannot work, CacheClosedError after the end
   */
  add<T>(
    type: string,
    factory: CachedResourceFactory<T>,
    options: CachedResourceOptions | undefined,
    at: string,
  ): void {
    if (type === '')
      throw new InvalidOptionsError(
        at,
        'has a resource type without a name; give it one, such as "tenantDb".',
      );
    if (this.byType.has(type))
      throw new InvalidOptionsError(
        `${at}.${type}`,
        'is registered already. Give it another name, or remove one of the two.',
        type,
      );
    if (this.closed) throw new CacheClosedError(type);
    const resources = new CachedResources<T>(type, ...this.overrides.ofCache(type, factory, options), {
      at: `${at}.${type}`,
      clock: this.clock,
      ground: this.ground,
      host: this.host,
    });
    this.byType.set(type, resources);
    for (const { listener, stops } of this.listeners) stops.push(resources.observe(listener));
    for (const lookout of this.lookouts) resources.lookOut(lookout);
  }

  /** @throws UnknownResourceError */
  require(type: string): CachedResources<unknown> {
    const resources = this.byType.get(type);
    if (resources === undefined) throw UnknownResourceError.forCachedType(type, [...this.byType.keys()]);
    return resources;
  }

  stats(): Record<string, CacheStats> {
    return Object.fromEntries([...this.byType].map(([type, { stats }]) => [type, stats]));
  }

  leases(): CacheLeaseInfo[] {
    return this.all.flatMap((cache) => cache.leases());
  }

  /** Hears of all caches, those to come included. @returns stops listening */
  observe(listener: CacheListener): () => void {
    const listening = { listener, stops: this.all.map((cache) => cache.observe(listener)) };
    this.listeners.add(listening);
    return () => {
      this.listeners.delete(listening);
      for (const stop of listening.stops) stop();
    };
  }

  /** Hears of what fails in any of them, for as long as they live. */
  lookOut(lookout: CacheListener): void {
    this.lookouts.push(lookout);
    for (const cache of this.all) cache.lookOut(lookout);
  }

  /** Ends all, side by side. @param deadline milliseconds from now */
  async close(deadline: number): Promise<CacheReport> {
    this.closed = true;
    const reports = await Promise.all(this.all.map((cache) => cache.close({ deadline })));
    return {
      clean: reports.every(({ clean }) => clean),
      held: reports.flatMap(({ held }) => held),
      duration: Math.max(...reports.map(({ duration }) => duration)),
    };
  }

  private get all(): (ResourceCache | CachedResources<unknown>)[] {
    return [this.cache, ...this.byType.values()];
  }
}
