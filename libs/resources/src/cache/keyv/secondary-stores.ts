import type { Keyv } from 'keyv';
import { withTimeLimit } from '../../hooks/time-limit.js';
import type { CacheEvents } from '../cache-events.js';
import type { Timekeeping } from '../../time/timekeeping.js';

/** A value from a secondary store. */
export interface Found {
  readonly value: unknown;
  /** Milliseconds that it has left to live, or `Infinity`. */
  readonly remaining: number;
}

/** What Keyv keeps about a value. `expires` is a time of `Date.now()`. */
interface RawData {
  value?: unknown;
  expires?: number | null;
}

type Operation = 'get' | 'set' | 'delete' | 'clear' | 'disconnect';

/** How many caches use a store. The last of them disconnects it. */
const users = new WeakMap<Keyv, number>();

/**
 * The stores behind the one in memory, nearest first, asked on neutral ground. Their failure is reported and never fails anything: a
 * read goes on with the next, a write is given up. What is done to one key is done in order, so that
 * no late write brings back what was deleted, and no read overtakes a write.
 */
export class SecondaryStores {
  /** The last for each key since the last clear. */
  private readonly writes = new Map<string, Promise<void>>();
  private clearing: Promise<void> | undefined;

  /**
   * @param type the cache's name
   * @param limit most milliseconds for one answer
   */
  constructor(
    private readonly type: string,
    private stores: readonly Keyv[],
    private readonly limit: number,
    private readonly events: CacheEvents,
    private readonly time: Timekeeping,
  ) {
    for (const store of new Set(stores)) users.set(store, (users.get(store) ?? 0) + 1);
  }

  get none(): boolean {
    return this.stores.length === 0;
  }

  /**
   * The first store's value that has one; those before it get a copy with the life that it has left.
   *
   * @param wanted whether a value may still be copied: not when its key has changed meanwhile
   */
  find(key: string, wanted: () => boolean): Promise<Found | undefined> {
    return this.time.ground.run(() => this.look(key, wanted));
  }

  private async look(key: string, wanted: () => boolean): Promise<Found | undefined> {
    await this.clearing;
    await this.writes.get(key);
    for (const [index, store] of this.stores.entries()) {
      const found = await this.attempt('get', async () => read(await store.get<unknown>(key, { raw: true })));
      if (found === undefined) continue;
      if (wanted()) void this.write(key, this.stores.slice(0, index), found.value, found.remaining);
      return found;
    }
    return undefined;
  }

  /** @param ttl milliseconds; 0 for ever, `Infinity` for as long as the store says */
  set(key: string, value: unknown, ttl: number): Promise<void> {
    return this.write(key, this.stores, value, ttl);
  }

  delete(key: string): Promise<void> {
    return this.enqueue(key, () =>
      this.all(this.stores, (store) => this.attempt('delete', () => store.delete(key))),
    );
  }

  clear(): Promise<void> {
    return this.time.ground.run(() => this.clearAll());
  }

  private async clearAll(): Promise<void> {
    const before = this.unfinished();
    this.writes.clear(); // whoever waits for the clear waits for them
    const clear = async (): Promise<void> => {
      await Promise.all(before);
      await this.all(this.stores, (store) => this.attempt('clear', () => store.clear()));
    };
    const clearing = clear();
    this.clearing = clearing;
    await clearing;
    if (this.clearing === clearing) this.clearing = undefined;
  }

  /**
   * Asks no store any more, lets what is being written be written, and disconnects each store, unless another cache uses it.
   * What a store does not manage in its time is reported, and held against nobody.
   *
   * @param limit most milliseconds
   */
  async close(limit: number): Promise<void> {
    const stores = [...new Set(this.stores)];
    const writes = this.unfinished();
    this.stores = [];
    await this.all(stores, async (store) => {
      const others = (users.get(store) ?? 1) - 1;
      users.set(store, others);
      const end = async (): Promise<void> => {
        await Promise.all(writes);
        if (others === 0 && typeof store.disconnect === 'function') await store.disconnect();
      };
      await this.attempt('disconnect', end, limit);
    });
  }

  private unfinished(): Promise<void>[] {
    const writes = [...this.writes.values()];
    return this.clearing === undefined ? writes : [...writes, this.clearing];
  }

  private write(key: string, stores: readonly Keyv[], value: unknown, ttl: number): Promise<void> {
    const lifetime = ttl === Infinity ? undefined : Math.ceil(ttl); // for Keyv, 0 means forever
    const set = async (store: Keyv): Promise<void> => {
      const kept: unknown = await store.set(key, value, lifetime);
      if (kept === false) throw new Error('it has not kept the value'); // as a Keyv says it that throws no errors
    };
    return this.enqueue(key, () => this.all(stores, (store) => this.attempt('set', () => set(store))));
  }

  private enqueue(key: string, work: () => Promise<void>): Promise<void> {
    return this.time.ground.run(() => {
      const before = this.writes.get(key) ?? this.clearing;
      const writing = (before === undefined ? work() : before.then(work)).then(() => {
        if (this.writes.get(key) === writing) this.writes.delete(key);
      });
      this.writes.set(key, writing);
      return writing;
    });
  }

  private async all(stores: readonly Keyv[], work: (store: Keyv) => Promise<unknown>): Promise<void> {
    await Promise.all(stores.map(work));
  }

  private async attempt<R>(
    operation: Operation,
    work: () => Promise<R>,
    limit = this.limit,
  ): Promise<R | undefined> {
    try {
      return await withTimeLimit(operation, work, { limit, ...this.time });
    } catch (cause) {
      this.events.emit({ kind: 'storeFailed', type: this.type, operation, cause });
      return undefined;
    }
  }
}

function read(raw: unknown): Found | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { value, expires } = raw as RawData; // what Keyv answers to { raw: true }
  if (value === undefined) return undefined;
  const remaining = typeof expires === 'number' ? expires - Date.now() : Infinity;
  return remaining > 0 ? { value, remaining } : undefined;
}
