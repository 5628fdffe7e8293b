import { withTimeLimit } from '../../time/time-limit.js';
import type { CacheEvents } from '../cache-events.js';
import type { CacheCounts } from '../cache-counts.js';
import type { CacheTime } from '../cache-time.js';

/** Ends a resource's life. */
export type Dispose = ((resource: unknown) => unknown) | undefined;

/**
 * Disposes of resources: each in the background, on neutral ground and within a time-out. A `dispose` that throws or hangs is
 * counted and reported, and fails nothing.
 */
export class ResourceDisposer {
  private readonly running = new Set<Promise<void>>();
  /** When all is over at the latest, in milliseconds of the clock; `Infinity` while the cache is open. */
  private endsAt = Infinity;

  /**
   * @param type the cache's name
   * @param limit most milliseconds for one `dispose`
   */
  constructor(
    private readonly type: string,
    private readonly limit: number,
    private readonly counts: CacheCounts,
    private readonly events: CacheEvents,
    private readonly time: CacheTime,
  ) {}

  /** Resources whose `dispose` has not settled, a count. */
  get inFlight(): number {
    return this.running.size;
  }

  /** @param done called when it is gone, or given up */
  dispose(key: string, resource: unknown, dispose: Dispose, done: () => void): void {
    this.time.ground.run(() => {
      const gone = this.run(key, resource, dispose).then(() => {
        this.running.delete(gone);
        done();
      });
      this.running.add(gone);
    });
  }

  /** From now on nothing has longer than until that moment; what begins after it, as long as usual. @param at milliseconds of the clock */
  end(at: number): void {
    this.endsAt = at;
  }

  private get remaining(): number {
    const remaining = this.endsAt - this.time.clock.now();
    return remaining > 0 ? Math.min(this.limit, remaining) : this.limit;
  }

  private async run(key: string, resource: unknown, dispose: Dispose): Promise<void> {
    try {
      await Promise.resolve(); // never within the call that ended the resource
      await withTimeLimit('dispose', () => dispose?.(resource), { limit: this.remaining, ...this.time });
    } catch (cause) {
      this.counts.disposalFailures++;
      this.events.emit({ kind: 'disposeFailed', type: this.type, key, cause });
    }
    this.counts.disposals++;
  }
}
