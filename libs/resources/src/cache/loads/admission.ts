import { CacheFullError } from '../../errors/cache/cache-full-error.js';
import type { CacheEntry } from '../engine/cache-entry.js';
import type { CacheSettings } from '../cache-options.js';
import type { CacheStore } from '../cache-store.js';
import type { Flight } from './flight.js';
import type { Held } from '../live/held.js';

/** A load that waits for room, or has it. */
export interface Admitted<R> {
  readonly flight: Flight<R>;
  /** Keeps its room in the cache. */
  reservation: CacheEntry<Held> | undefined;
  /** Begins the load, though not within the call. */
  readonly begin: () => void;
}

/**
 * Decides when a resource may be loaded, first come first served: when the cache has room for it, and fewer
 * than `max` resources are alive. Making room evicts what nobody uses; its place is free only when it was
 * destroyed, so that there are never more than `max` alive. That is the bound that a database or a
 * license on the other side means.
 */
export class Admission<R> {
  /** Waits for an entry that is not in use. */
  private readonly crowded = new Set<Admitted<R>>();
  /** Has room in the cache or needs none, and waits until what was evicted for it is gone. */
  private readonly reserved = new Set<Admitted<R>>();
  private alive = 0;

  /** @param destroying resources that are being destroyed, a count */
  constructor(
    private readonly store: CacheStore,
    private readonly settings: Pick<CacheSettings, 'max' | 'lease'>,
    private readonly destroying: () => number,
  ) {}

  /** Resources that live or are being loaded or destroyed, a count. */
  get size(): number {
    return this.alive;
  }

  /** Callers that wait for room, a count. */
  get pending(): number {
    let callers = 0;
    for (const { flight } of this.crowded) callers += flight.waiters.size;
    for (const { flight } of this.reserved) callers += flight.waiters.size;
    return callers;
  }

  /** @throws CacheFullError when a flight's load waits for room, and one more caller may not */
  checkWaiting(flight: Flight<R>, owner: string | undefined): void {
    const { maxWaiting } = this.settings.lease;
    if (flight.waitsFor !== 'room' || maxWaiting === Infinity || this.pending < maxWaiting) return;
    if (flight.waiters.size === 0) flight.abandon();
    throw new CacheFullError(flight.type, flight.key, maxWaiting, owner);
  }

  enter(admitted: Admitted<R>): void {
    this.crowded.add(admitted);
    this.pump();
  }

  /** Leaves the queue, and gives up the room in the cache. */
  withdraw(admitted: Admitted<R>): void {
    this.crowded.delete(admitted);
    this.reserved.delete(admitted);
    if (admitted.reservation !== undefined) this.store.drop(admitted.reservation);
    this.pump();
  }

  /** Nobody waits any more. */
  withdrawAll(): void {
    for (const admitted of [...this.crowded, ...this.reserved]) this.withdraw(admitted);
  }

  /** A resource is gone, or its load has failed. */
  gone(): void {
    this.alive--;
    this.pump();
  }

  /** Lets in whoever there is room for. Whatever makes room ends here. */
  pump(): void {
    for (const admitted of this.crowded) {
      const { key, superseded } = admitted.flight;
      // What is not kept needs a place and no room, and under its key there may be something newer.
      if (!superseded) admitted.reservation = this.store.reserve(key);
      if (!superseded && admitted.reservation === undefined) break;
      this.crowded.delete(admitted);
      this.reserved.add(admitted);
    }
    for (const admitted of this.reserved) {
      if (this.alive >= this.settings.max) break;
      this.reserved.delete(admitted);
      this.alive++;
      admitted.begin();
    }
    // What has left the cache and is still in use has a place, too: then there may be room, and no place.
    while (this.reserved.size > this.destroying() && this.store.engine.evict());
  }
}
