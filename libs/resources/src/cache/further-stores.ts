import type { Keyv } from 'keyv';
import { withTimeLimit } from '../time/time-limit.js';
import type { CacheEvents } from './cache-events.js';
import type { CacheTime } from './cache-time.js';

/** A value from a further store. */
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

type Operation = 'get' | 'set' | 'delete' | 'clear';

/**
 * The stores behind the one in memory, nearest first, asked on neutral ground. Their failure is reported and never fails anything: a
 * read goes on with the next, a write is given up. What is done to one key is done in order, so that
 * no late write brings back what was deleted, and no read overtakes a write.
 */
export class FurtherStores {
  private readonly writes = new Map<string, Promise<void>>();
  private clearing: Promise<void> | undefined;

  /**
   * @param type the cache's name
   * @param limit most milliseconds for one answer
   */
  constructor(
    private readonly type: string,
    private readonly stores: readonly Keyv[],
    private readonly limit: number,
    private readonly events: CacheEvents,
    private readonly time: CacheTime,
  ) {}

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
      const raw = await this.attempt('get', () => store.get<unknown>(key, { raw: true }));
      const found = read(raw);
      if (found === undefined) continue;
      if (wanted()) void this.write(key, this.stores.slice(0, index), found.value, found.remaining);
      return found;
    }
    return undefined;
  }

  /** @param ttl milliseconds, or `Infinity` */
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
    const before = [...this.writes.values()];
    const clear = async (): Promise<void> => {
      await Promise.all(before);
      await this.all(this.stores, (store) => this.attempt('clear', () => store.clear()));
    };
    const clearing = clear();
    this.clearing = clearing;
    await clearing;
    if (this.clearing === clearing) this.clearing = undefined;
  }

  private write(key: string, stores: readonly Keyv[], value: unknown, ttl: number): Promise<void> {
    const lifetime = ttl === Infinity ? undefined : Math.max(1, Math.ceil(ttl)); // Keyv takes 0 for ever
    return this.enqueue(key, () =>
      this.all(stores, (store) => this.attempt('set', () => store.set(key, value, lifetime))),
    );
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

  private async attempt<R>(operation: Operation, work: () => Promise<R>): Promise<R | undefined> {
    try {
      return await withTimeLimit(operation, work, { limit: this.limit, ...this.time });
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
