import { Destroyer } from '../../hooks/destroyer.js';
import { Ending } from '../../hooks/ending.js';
import type { Timekeeping } from '../../time/timekeeping.js';
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
  private readonly ending: Ending;

  constructor(
    private readonly type: string,
    { max, lease, abandonment }: Pick<CacheSettings, 'max' | 'lease' | 'abandonment'>,
    private readonly counts: CacheCounts,
    private readonly events: CacheEvents,
    time: Timekeeping,
  ) {
    this.destroyer = new Destroyer(time, true);
    this.abandoned = new AbandonedResources(abandonment, max, time.clock);
    this.limit = lease.destroyTimeout;
    this.ending = new Ending(time.clock, () => this.inFlight === 0);
  }

  /** Resources that are being destroyed, or will be without anybody's doing, a count. */
  get inFlight(): number {
    return this.destroyer.inFlight + this.abandoned.size;
  }

  /** Of a load, or a call of one that nobody waits for any more. */
  loadBegan(): void {
    this.ending.makingBegan();
  }

  loadEnded(): void {
    this.ending.makingSettled();
  }

  /** One that was abandoned, after a while. */
  destroy(live: LiveResource, gone?: () => void): void {
    this.abandoned.hold(live, () => this.destroyNow(live, gone));
  }

  /** The cache is at its end: from now on all together have as long as one may take. */
  begin(): void {
    this.ending.begin(this.limit);
    this.abandoned.end();
  }

  /** Waits until nothing is left, as long as one `destroy` may take. */
  async quiet(): Promise<void> {
    await this.ending.over();
  }

  private destroyNow({ key, resource, destroy }: LiveResource, gone?: () => void): void {
    void this.destroyer.destroy((context) => destroy?.(resource, context), this.ending.timeFor(this.limit), {
      failed: (cause) => {
        this.counts.destroyFailures++;
        this.events.emit({ kind: 'destroyFailed', type: this.type, key, cause });
      },
      gone: () => {
        this.counts.destroyed++;
        gone?.();
        this.ending.check();
      },
    });
  }
}
