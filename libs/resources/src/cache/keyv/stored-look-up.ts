import type { CacheCounts } from '../cache-counts.js';
import type { CacheStore } from '../cache-store.js';
import type { Loader } from '../loads/loader.js';
import { type KeyvStoreLookUp, type StoredData, toStoredData } from './keyv-store.js';

/** Looks a cache's values up for Keyv: with their end of life, and at once if they are in memory. */
export class StoredLookUp implements KeyvStoreLookUp {
  constructor(
    private readonly store: CacheStore,
    private readonly loader: Loader,
    private readonly counts: CacheCounts,
  ) {}

  find(key: string): StoredData | undefined | Promise<StoredData | undefined> {
    const { store, counts } = this;
    const value = store.fresh(key);
    if (value === undefined && !store.secondary.none) return this.findSecondary(key);
    counts.lookUp(value);
    return value === undefined ? undefined : toStoredData(value, store.remaining(key));
  }

  /** Counts nothing. */
  has(key: string): boolean | Promise<boolean> {
    const { store, loader } = this;
    if (store.peek(key)?.value !== undefined) return true;
    return store.secondary.none ? false : loader.find(key).then((found) => found !== undefined);
  }

  private async findSecondary(key: string): Promise<StoredData | undefined> {
    const found = await this.loader.find(key);
    this.counts.lookUp(found?.value);
    return found === undefined ? undefined : toStoredData(found.value, found.remaining);
  }
}
