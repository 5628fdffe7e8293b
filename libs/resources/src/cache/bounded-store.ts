/** What Keyv asks of a store, as far as a store in memory needs it. */
interface Entry {
  value: unknown;
  /** Keyv's own `Date.now()` time, in milliseconds; undefined for never. */
  expires: number | undefined;
}

/**
 * A store for Keyv that really bounds: at `max` entries the least recently used leaves. Values are
 * kept by reference and never cloned. A `Map` remembers the order of insertion, so the first key is
 * the oldest when every use inserts anew.
 */
export class BoundedStore {
  private readonly entries = new Map<string, Entry>();

  /** @param max most entries, at least 1 */
  constructor(private readonly max: number) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string): unknown {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    if (entry.expires !== undefined && entry.expires <= Date.now()) return undefined;
    this.entries.set(key, entry);
    return entry.value;
  }

  /** @param ttl milliseconds */
  set(key: string, value: unknown, ttl?: number): void {
    this.entries.delete(key);
    this.entries.set(key, { value, expires: ttl === undefined ? undefined : Date.now() + ttl });
    if (this.entries.size <= this.max) return;
    const [oldest] = this.entries.keys();
    this.entries.delete(oldest);
  }

  /** @returns whether it was there and had not expired */
  delete(key: string): boolean {
    const live = this.get(key) !== undefined;
    this.entries.delete(key);
    return live;
  }

  clear(): void {
    this.entries.clear();
  }
}
