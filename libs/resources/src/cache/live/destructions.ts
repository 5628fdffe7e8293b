import { Destroyer } from '../../hooks/destroyer.js';
import type { Timekeeping } from '../../time/timekeeping.js';
import { waitAtMost } from '../../time/wait-at-most.js';
import type { CacheCounts } from '../cache-counts.js';
import type { CacheEvents } from '../cache-events.js';
import type { CacheSettings } from '../cache-options.js';
import { AbandonedResources } from './abandoned-resources.js';
import type { LiveResource } from './live-resource.js';

/**
 * Destroys cached resources, and knows when nothing is left: none that is held or being destroyed, and no load that may bring
 * another.
 */
export class Destructions {
  private readonly destroyer: Destroyer;
  private readonly abandoned: AbandonedResources;
  /** Most milliseconds for one `destroy`. */
  private readonly limit: number;
  /** Loads that have not ended, and calls of a load that have not settled, those that nobody waits for among them. A count. */
  private loading = 0;
  /** When all is over at the latest, in milliseconds of the clock; `Infinity` while the cache is open. */
  private endsAt = Infinity;
  private quietListener: (() => void) | undefined;

  constructor(
    private readonly type: string,
    { max, lease, abandonment }: Pick<CacheSettings, 'max' | 'lease' | 'abandonment'>,
    private readonly counts: CacheCounts,
    private readonly events: CacheEvents,
    private readonly time: Timekeeping,
  ) {
    this.destroyer = new Destroyer(time, true);
    this.abandoned = new AbandonedResources(abandonment, max, time.clock);
    this.limit = lease.destroyTimeout;
  }

  /** Resources that are being destroyed, or will be without anybody's doing, a count. */
  get inFlight(): number {
    return this.destroyer.inFlight + this.abandoned.size;
  }

  loadBegan(): void {
    this.loading++;
  }

  loadEnded(): void {
    this.loading--;
    this.tellIfQuiet();
  }

  /** One that was abandoned, after a while. */
  destroy(live: LiveResource, gone?: () => void): void {
    this.abandoned.hold(live, () => this.destroyNow(live, gone));
  }

  /** The cache is at its end: from now on all together have as long as one may take. */
  begin(): void {
    this.endsAt = this.time.clock.now() + this.limit;
    this.abandoned.end();
  }

  /** Waits until nothing is left, as long as one `destroy` may take. */
  async quiet(): Promise<void> {
    if (this.isQuiet) return;
    await waitAtMost(this.limit, this.time.clock, (quiet) => (this.quietListener = quiet));
  }

  private destroyNow({ key, resource, destroy }: LiveResource, gone?: () => void): void {
    void this.destroyer.destroy(() => destroy?.(resource), this.timeLeft, {
      failed: (cause) => {
        this.counts.destroyFailures++;
        this.events.emit({ kind: 'destroyFailed', type: this.type, key, cause });
      },
      gone: () => {
        this.counts.destroyed++;
        gone?.();
        this.tellIfQuiet();
      },
    });
  }

  /** Milliseconds. What is destroyed during the end has as long as that lasts; what comes after it, as usual. */
  private get timeLeft(): number {
    const remaining = this.endsAt - this.time.clock.now();
    return remaining > 0 ? Math.min(this.limit, remaining) : this.limit;
  }

  private get isQuiet(): boolean {
    return this.loading + this.inFlight === 0;
  }

  private tellIfQuiet(): void {
    if (this.isQuiet) this.quietListener?.();
  }
}
