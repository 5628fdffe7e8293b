import type { CachedResourceOptions } from '../cache/cached-resource-options.js';
import { type CachedResourceFactory, CachedResources } from '../cache/cached-resources.js';
import type { CacheListener } from '../reports/cache-event.js';
import type { CacheLeaseInfo } from '../reports/lease-info.js';
import { CACHE_OPTION_NAMES, type CacheOptions } from '../cache/cache-options.js';
import type { CacheStats } from '../reports/cache-stats.js';
import type { FixedType } from '../lifecycle/backup/restore-plan.js';
import { CACHE_KINDS } from '../lifecycle/history/option-kinds.js';
import { copyOptions } from '../lifecycle/history/option-values.js';
import type { LoadHost } from '../cache/loads/load-host.js';
import { ResourceCache } from '../cache/resource-cache.js';
import { CacheClosedError } from '../errors/cache/cache-closed-error.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { Clock } from '../time/clock.js';
import { type FactoryMembers, refuseUnknownMembers } from '../options/definition-members.js';
import { checkTypeName, definitionsOf } from '../options/definitions.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import type { TypeLives } from '../lifecycle/type-lives.js';
import type { CachedResourceDefinitions } from './cached-resource-definition.js';
import type { ResourceOverrides } from './resource-overrides.js';
import {
  readStartOptions,
  START_OPTIONS,
  type StartOptions,
  withoutStartOptions,
} from './starting/start-options.js';
import { partOfCache } from './type-parts.js';

/** A listener, and what ends its listening to each of the caches. */
interface Listening {
  readonly listener: CacheListener;
  readonly stops: (() => void)[];
}

const MEMBERS: FactoryMembers = {
  group: 'cache',
  methods: ['create', 'destroy', 'validate'],
  options: [...CACHE_OPTION_NAMES, 'readiness'],
  startOptions: START_OPTIONS,
  elsewhere: {
    reset:
      'is never called: others may be using the resource. Remove it, or lend the type from a pool, under "resources".',
    pool: 'belongs to pooled types: put the type under "resources", or its options under "cache".',
  },
};

/**
 * The cache for values, and the cached resource types, each with a cache of its own, so that many tenants' clients do
 * not drive out the prices.
 */
export class CacheRegistry {
  readonly cache: ResourceCache;
  /** What the cache for values goes by. */
  readonly options: CacheOptions;
  /** What the types go by. */
  readonly configurations = new Map<string, FixedType>();
  private readonly byType = new Map<string, CachedResources<unknown>>();
  private readonly listeners = new Set<Listening>();
  private readonly lookouts: CacheListener[] = [];
  private closed = false;

  /**
   * @param pooled the pooled types
   * @param lives of all types
   * @throws InvalidOptionsError when a factory or an option cannot work
   */
  constructor(
    options: CacheOptions | undefined,
    definitions: CachedResourceDefinitions,
    private readonly clock: Clock,
    private readonly ground: NeutralGround,
    private readonly host: LoadHost,
    private readonly overrides: ResourceOverrides,
    private readonly pooled: ReadonlyMap<string, unknown>,
    private readonly lives: TypeLives,
  ) {
    const traced = overrides.traced(options);
    this.cache = new ResourceCache(traced, { clock, ground, host });
    this.options = copyOptions(traced ?? {}, CACHE_KINDS);
    for (const [type, definition] of definitionsOf(definitions, 'cachedResources'))
      this.open(type, definition, definition, definition?.cache, 'cachedResources', true);
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
    options: (CachedResourceOptions & StartOptions) | undefined,
    at: string,
  ): void {
    const ofCache = options === undefined ? undefined : withoutStartOptions(options);
    this.open(type, factory, options ?? {}, ofCache, at, false);
  }

  /** @throws UnknownResourceError */
  require(type: string): CachedResources<unknown> {
    const resources = this.byType.get(type);
    if (resources === undefined)
      throw UnknownResourceError.forCachedType(type, [...this.byType.keys()], [], this.pooled.has(type));
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

  /** From now on, takes no more types: nobody would end their caches. */
  seal(): void {
    this.closed = true;
  }

  private get all(): (ResourceCache | CachedResources<unknown>)[] {
    return [this.cache, ...this.byType.values()];
  }

  private open<T>(
    type: string,
    factory: CachedResourceFactory<T>,
    startOptions: StartOptions,
    options: CachedResourceOptions | undefined,
    at: string,
    isDefinition: boolean,
  ): void {
    checkTypeName(type, at, 'tenantDb');
    if (this.byType.has(type))
      throw new InvalidOptionsError(
        `${at}.${type}`,
        'is registered already. Give it another name, or remove one of the two.',
        type,
      );
    if (this.closed) throw new CacheClosedError(type);
    const [made, given] = this.overrides.ofCache(type, factory, options);
    const resources = new CachedResources<T>(type, made, given, {
      at: `${at}.${type}`,
      clock: this.clock,
      ground: this.ground,
      host: this.host,
    });
    refuseUnknownMembers(factory, MEMBERS, isDefinition, `${at}.${type}`, type);
    const settings = readStartOptions(startOptions, `${at}.${type}`, type);
    this.lives.check([{ type, ...settings }]);
    this.byType.set(type, resources);
    this.configurations.set(type, {
      factory: made,
      start: settings,
      options: copyOptions(given ?? {}, CACHE_KINDS),
    });
    this.lives.add(type, partOfCache(resources), settings);
    for (const { listener, stops } of this.listeners) stops.push(resources.observe(listener));
    for (const lookout of this.lookouts) resources.lookOut(lookout);
  }
}
