import type { CacheEntry } from '../engine/cache-entry.js';
import type { Making } from '../entry-options.js';
// One thing in three files: a resource knows its leases and its place, and both know the resource. So types point back here.
import type { CountedLease } from './cache-lease.js';
import type { Held } from './held.js';

/**
 * A resource that the cache made, with all leases on it. It is destroyed when it has left the cache and no
 * lease is left; who does that is `LiveResources`.
 */
export class LiveResource {
  readonly leases = new Set<CountedLease>();
  /** Its place in the cache; undefined when it never got one. */
  entry: CacheEntry<Held> | undefined = undefined;
  /** Whether its end has begun, so that it begins once. */
  ending = false;
  /** When a unit of work was given up last that may still use it unseen: milliseconds of the clock. */
  abandonedAt: number | undefined = undefined;
  readonly destroy: Making['destroy'];
  readonly validate: Making['validate'];
  readonly tags: readonly string[];

  /**
   * @param making by which it was made; its load is not kept
   * @param aliveAt the last sign of life: milliseconds of the clock
   */
  constructor(
    readonly key: string,
    readonly resource: unknown,
    { destroy, validate, tags }: Omit<Making, 'load'>,
    public aliveAt: number,
  ) {
    this.destroy = destroy;
    this.validate = validate;
    this.tags = tags;
  }

  get held(): boolean {
    return this.entry?.held === true;
  }
}
