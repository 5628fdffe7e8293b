import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { Lease } from '../pool/lease.js';
import type { PoolListener } from '../pool/pool-events.js';
import type { PoolOptions } from '../pool/pool-options.js';
import type { ResourceFactory } from '../pool/resource-factory.js';
import { ResourcePool } from '../pool/resource-pool.js';
import type { Clock } from '../time/clock.js';
import { checkDefinition, checkDefinitions, type ResourceDefinitions } from './resource-definition.js';

/** Which pool serves which resource type. One type, one pool. */
export class PoolRegistry {
  private readonly byType = new Map<string, ResourcePool<unknown>>();
  private sealed = false;
  private readonly listeners = new Map<PoolListener, Map<ResourcePool<unknown>, () => void>>();

  /** @param clock of all pools */
  constructor(private readonly clock: Clock) {}

  get pools(): ReadonlyMap<string, ResourcePool<unknown>> {
    return this.byType;
  }

  get types(): string[] {
    return [...this.byType.keys()];
  }

  /** @throws UnknownResourceError naming the known types */
  require(type: string): ResourcePool<unknown> {
    const pool = this.byType.get(type);
    if (pool === undefined) throw UnknownResourceError.forType(type, this.types);
    return pool;
  }

  /**
   * @throws InvalidOptionsError when the type is taken, or the factory or an option cannot work, and
   * PoolClosedError after {@link seal}
   */
  add(type: string, factory: ResourceFactory<unknown>, options: PoolOptions): void {
    checkDefinition(type, factory, options, 'resources');
    this.checkFree(type, 'resources');
    this.open(type, factory, options);
  }

  /**
   * Adds several, all or none.
   *
   * @param at where the definitions stand, for the error
   */
  addAll(definitions: ResourceDefinitions, at: string): void {
    checkDefinitions(definitions, at);
    for (const type of Object.keys(definitions)) this.checkFree(type, at);
    for (const [type, definition] of Object.entries(definitions)) {
      this.open(type, definition, definition.pool ?? {});
    }
  }

  /** From now on takes no more types: nobody would close their pools. */
  seal(): void {
    this.sealed = true;
  }

  remove(type: string): void {
    const pool = this.byType.get(type);
    this.byType.delete(type);
    if (pool === undefined) return;
    for (const detachers of this.listeners.values()) {
      detachers.get(pool)?.();
      detachers.delete(pool);
    }
  }

  /** Hears of all pools, those to come included. @returns stops listening */
  observe(listener: PoolListener): () => void {
    const detachers = new Map<ResourcePool<unknown>, () => void>();
    for (const pool of this.byType.values()) detachers.set(pool, pool.observe(listener));
    this.listeners.set(listener, detachers);
    return () => {
      this.listeners.delete(listener);
      for (const detach of detachers.values()) detach();
    };
  }

  /** A lease that holds this resource now, in whatever pool. */
  leaseOf(resource: unknown, where: (lease: Lease<unknown>) => boolean): Lease<unknown> | undefined {
    for (const pool of this.byType.values()) {
      const lease = pool.leaseOf(resource);
      if (lease !== undefined && where(lease)) return lease;
    }
    return undefined;
  }

  private open(type: string, factory: ResourceFactory<unknown>, options: PoolOptions): void {
    const pool = new ResourcePool(factory, { ...options, type, clock: this.clock });
    this.byType.set(type, pool);
    for (const [listener, detachers] of this.listeners) detachers.set(pool, pool.observe(listener));
  }

  private checkFree(type: string, at: string): void {
    if (this.sealed) throw new PoolClosedError(type, 'register()');
    if (!this.byType.has(type)) return;
    throw new InvalidOptionsError(
      `${at}.${type}`,
      'is registered already, and a type has one factory. Unregister it first, or use reconfigure().',
      type,
    );
  }
}
