import { EntryList } from '../../policies/queue/entry-list.js';
import type { PoolStats } from '../../reports/pool-stats.js';
import { withOwnSignal } from '../../hooks/abort-signals.js';
import { followSignal, type SignalFollower, unfollowSignal } from '../../hooks/follow-signal.js';
import type { NeutralGround } from '../../time/neutral-ground.js';
import type { Lease } from '../leases/lease.js';
import type { AcquireOptions } from '../acquire-options.js';
import type { ResourcePool } from '../resource-pool.js';

/** A key that has a pool. */
export interface KeyEntry<T> {
  readonly key: string;
  readonly pool: ResourcePool<T>;
  /** Its place among those that there are for keys. */
  readonly place: Lease<unknown>;
  previous: KeyEntry<T> | undefined;
  next: KeyEntry<T> | undefined;
  /** Its idle resources are on their way out, so that another key can have its place. */
  leaving: boolean;
}

/** What makes and ends the pools; implemented by `KeyPools`. */
export interface KeyTableHost<T> {
  open(key: string): ResourcePool<T>;
  /** From now on, it need not keep anything. */
  relax(pool: ResourcePool<T>): void;
  /** It must again keep what the options say. */
  restore(pool: ResourcePool<T>): void;
  /** Nothing is left in it. */
  discard(pool: ResourcePool<T>): Promise<void>;
}

/**
 * Which keys have a pool. The number of places for keys is limited, and they are lent as resources are: a new key waits for one as a
 * caller does for a resource, in the order of arrival, with its own deadline and signal. It gets the place
 * of a key that nobody uses, the least recently used first (as commons-pool's `clearOldest`), so that a flood of keys
 * costs work, but not memory.
 */
export class KeyTable<T> {
  private readonly byKey = new Map<string, KeyEntry<T>>();
  /** The least recently used first. */
  private readonly recency = new EntryList<KeyEntry<T>>();
  /** Callers that wait for the place of a key, by the key. */
  private readonly pending = new Map<string, Set<AbortController>>();
  private leaving = 0;
  private refusal: ((owner: string) => Error) | undefined;

  /** @param places as many as keys may have a pool */
  constructor(
    private readonly places: ResourcePool<unknown>,
    private readonly host: KeyTableHost<T>,
    private readonly ground: NeutralGround,
  ) {}

  get keys(): string[] {
    return [...this.byKey.keys()];
  }

  get entries(): KeyEntry<T>[] {
    return [...this.byKey.values()];
  }

  /** The pool of a key that has one. */
  peek(key: string): ResourcePool<T> | undefined {
    return this.byKey.get(key)?.pool;
  }

  /** The pool of a key that has one; the key counts as used. */
  find(key: string): ResourcePool<T> | undefined {
    const entry = this.byKey.get(key);
    if (entry === undefined) return undefined;
    if (entry.next !== undefined) {
      this.recency.remove(entry);
      this.recency.add(entry);
    }
    return entry.pool;
  }

  /**
   * The pool of a key that has none yet, as soon as there is a place. The caller must use it at once, before anybody else
   * can.
   *
   * @throws whatever {@link ResourcePool.acquire} does
   */
  async open(key: string, options: AcquireOptions): Promise<ResourcePool<T>> {
    const place = await this.placeFor(key, options);
    const opened = this.find(key);
    if (opened !== undefined) {
      void place?.release();
      return opened;
    }
    return place === undefined ? await this.open(key, options) : this.add(key, place);
  }

  /** Lets nobody wait for a place any more. @param refusal makes the error of each waiting caller, given its owner */
  dismiss(refusal: (owner: string) => Error): void {
    this.refusal = refusal;
    for (const controllers of this.pending.values()) {
      for (const controller of controllers) controller.abort(DISMISSED);
    }
  }

  /** Gives all places up. The pools are closed. */
  async close(): Promise<void> {
    for (const { place } of this.byKey.values()) void place.release();
    await this.places.close({ deadline: 0 });
  }

  /** @param maxKeys from now on; keys above it lose their place when nobody uses them */
  resize(maxKeys: number): void {
    this.places.resize({ max: maxKeys });
    this.makeRoom();
  }

  /** To be called whenever a pool may have become one that nobody uses, or a place is missing. */
  makeRoom(): void {
    if (this.pending.size === 0 && this.byKey.size <= this.limit) return;
    const { pending, leased, max } = this.places.stats;
    let missing = pending - (max - leased) - this.leaving;
    for (let entry = this.recency.head; entry !== undefined && missing > 0; entry = entry.next) {
      if (entry.leaving || !isUnused(entry.pool.stats)) continue;
      const unused = entry;
      this.ground.run(() => void this.retire(unused));
      missing--;
    }
  }

  /** @returns undefined when another caller has opened the key meanwhile */
  private async placeFor(key: string, options: AcquireOptions): Promise<Lease<unknown> | undefined> {
    return await withOwnSignal(options.signal, (signal) => this.waitForPlace(key, { ...options, signal }));
  }

  private async waitForPlace(key: string, options: AcquireOptions): Promise<Lease<unknown> | undefined> {
    const controller = new AbortController();
    const own = controller.signal;
    const { signal } = options;
    // Not AbortSignal.any(): a signal that the application keeps would remember each of those for long.
    const follower: SignalFollower = { signalAborted: (reason) => controller.abort(reason) };
    const controllers = this.pending.get(key) ?? new Set();
    this.pending.set(key, controllers.add(controller));
    try {
      if (signal?.aborted === true) controller.abort(signal.reason);
      else if (signal !== undefined) followSignal(signal, follower);
      const coming = this.places.acquire({ ...options, signal: own });
      this.makeRoom();
      return await coming;
    } catch (error) {
      if (!own.aborted || signal?.aborted === true) throw error;
      if (own.reason === OPENED) return undefined;
      throw this.refusal?.(options.owner ?? 'a caller that waits for the place of a key') ?? error;
    } finally {
      if (signal !== undefined) unfollowSignal(signal, follower);
      controllers.delete(controller);
      if (controllers.size === 0) this.pending.delete(key);
    }
  }

  private add(key: string, place: Lease<unknown>): ResourcePool<T> {
    let pool: ResourcePool<T>;
    try {
      pool = this.host.open(key);
    } catch (error) {
      void place.release();
      throw error;
    }
    const entry: KeyEntry<T> = { key, pool, place, previous: undefined, next: undefined, leaving: false };
    this.byKey.set(key, entry);
    this.recency.add(entry);
    for (const controller of this.pending.get(key) ?? []) controller.abort(OPENED);
    return pool;
  }

  private get limit(): number {
    return this.places.options.max ?? Infinity;
  }

  /** Gives a key's place away when its idle resources are destroyed, unless somebody uses it meanwhile. */
  private async retire(entry: KeyEntry<T>): Promise<void> {
    const { pool, place } = entry;
    entry.leaving = true;
    this.leaving++;
    this.host.relax(pool);
    await pool.flush();
    const { size, pending, destroying } = pool.stats;
    if (size + pending + destroying > 0) {
      entry.leaving = false;
      this.host.restore(pool);
    } else {
      this.byKey.delete(entry.key);
      this.recency.remove(entry);
      await this.host.discard(pool);
      void place.release();
    }
    this.leaving--;
    this.makeRoom();
  }
}

/** Why a caller stops waiting for a place. */
const OPENED = new Error('another caller has opened the key');
const DISMISSED = new Error('the pool is shutting down');

/** Whether nobody has, waits for, or is about to get a resource. */
function isUnused({ idle, size, pending, creating, destroying }: PoolStats): boolean {
  return idle === size && pending + creating + destroying === 0;
}
