import type { Clock } from '../time/clock.js';
import { waitAtMost } from '../time/wait-at-most.js';

/**
 * The end of what makes and destroys resources, a pool or a cache: how long a destruction may take, so that all of them together take
 * no longer than one may, and when nothing is left that could bring a resource or still has one.
 */
export class Ending {
  /** What may still bring a resource, wanted or not. A count. */
  private making = 0;
  /** When all is over at the latest, in milliseconds of the clock; `undefined` before the end has begun. */
  private endsAt: number | undefined;
  private goneListener: (() => void) | undefined;

  /** @param isIdle whether nothing is being destroyed, or will be without anybody's doing */
  constructor(
    private readonly clock: Clock,
    private readonly isIdle: () => boolean,
  ) {}

  get begun(): boolean {
    return this.endsAt !== undefined;
  }

  makingBegan(): void {
    this.making++;
  }

  makingSettled(): void {
    this.making--;
    this.check();
  }

  /** To be called whenever something has been destroyed. */
  check(): void {
    if (this.isGone) this.goneListener?.();
  }

  /** @param limit most milliseconds from now on */
  begin(limit: number): void {
    this.endsAt = this.clock.now() + limit;
  }

  /**
   * What is destroyed during the end has as long as that lasts; what comes after it, as usual.
   *
   * @param limit most milliseconds for one destruction
   * @returns most milliseconds for one that begins now
   */
  timeFor(limit: number): number {
    const remaining = this.remaining;
    return remaining > 0 ? Math.min(limit, remaining) : limit;
  }

  /** Waits until nothing is left, or the end's time is up. */
  async over(): Promise<void> {
    if (this.isGone) return;
    await waitAtMost(this.remaining, this.clock, (gone) => (this.goneListener = gone));
  }

  /** Milliseconds; 0 before the end has begun. */
  private get remaining(): number {
    return this.endsAt === undefined ? 0 : this.endsAt - this.clock.now();
  }

  private get isGone(): boolean {
    return this.making === 0 && this.isIdle();
  }
}
