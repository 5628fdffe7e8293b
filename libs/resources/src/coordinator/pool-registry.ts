import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { PoolListener } from '../pool/pool-events.js';
import type { ResourceFactory } from '../pool/resource-factory.js';
import { ResourcePool, type ResourcePoolOptions } from '../pool/resource-pool.js';

/** Which pool serves which resource type. One type, one pool. */
export class PoolRegistry {
  private readonly byType = new Map<string, ResourcePool<unknown>>();
  private readonly listeners = new Map<PoolListener, Map<ResourcePool<unknown>, () => void>>();

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
   * @param at where the definition stands, for the error
   * @throws InvalidOptionsError when the type has a pool
   */
  refuseTaken(type: string, at: string): void {
    if (!this.byType.has(type)) return;
    throw new InvalidOptionsError(
      `${at}.${type}`,
      'is registered already, and a type has one factory. Unregister it first, or use reconfigure().',
      type,
    );
  }

  /** @throws InvalidOptionsError when the type is taken, or the factory or an option cannot work */
  add(type: string, factory: ResourceFactory<unknown>, options: ResourcePoolOptions): ResourcePool<unknown> {
    this.refuseTaken(type, 'resources');
    const pool = new ResourcePool(factory, { ...options, type });
    this.byType.set(type, pool);
    for (const [listener, detachers] of this.listeners) detachers.set(pool, pool.observe(listener));
    return pool;
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
}
