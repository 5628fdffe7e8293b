import type { RetireReason } from '../../reports/retire-reason.js';
import type { Clock } from '../../time/clock.js';
import type { Slot } from './slot.js';
import type { SlotTable } from './slot-table.js';

type Retire<T> = (slot: Slot<T>, reason: RetireReason) => Promise<void>;

/**
 * All resources that one configuration of a type made are a generation. This begins the next one and sees the old
 * ones out, at once or spread over a time: where everything is replaced at the same moment, the other side
 * is stormed with connections (DBConnection's `disconnect_all`).
 */
export class Generations<T> {
  /** Of what is made from now on. */
  current = 0;
  /** What is older than this is not lent again. */
  oldest = 0;
  private ended = false;
  private readonly pauses = new Set<() => void>();

  constructor(
    private readonly slots: SlotTable<T>,
    private readonly clock: Clock,
    private readonly retire: Retire<T>,
  ) {}

  /**
   * Begins the next generation. An idle resource of an old one is lent on until its turn has come; where all are on
   * loan, it is the turn of one of these, which goes when it comes back.
   *
   * @param spread milliseconds over which their turns are distributed evenly; 0 for now
   * @returns resolves when all idle ones are gone
   */
  async flush(spread: number): Promise<void> {
    const next = ++this.current;
    const going: Promise<void>[] = [];
    const count = spread > 0 ? this.slots.size : 0;
    for (let turn = 0; turn < count; turn++) {
      await this.pause(spread / count);
      if (this.ended) break;
      const slot = this.firstBefore(next);
      if (slot?.state === 'idle') going.push(this.retire(slot, 'flushed'));
      else if (slot !== undefined) slot.retireReason = 'flushed';
    }
    this.oldest = Math.max(this.oldest, next);
    this.slots.forEachIdle((slot) => {
      if (slot.generation < this.oldest) going.push(this.retire(slot, 'flushed'));
    });
    await Promise.all(going);
  }

  /** Lets no flush wait any longer: all resources are about to go. */
  end(): void {
    this.ended = true;
    for (const resume of this.pauses) resume();
  }

  /** The least recently used idle one, or else any that is on loan. */
  private firstBefore(generation: number): Slot<T> | undefined {
    const remaining: Slot<T>[] = [];
    const collect = (slot: Slot<T>): void => {
      if (slot.generation < generation && slot.retireReason === undefined) remaining.push(slot);
    };
    this.slots.forEachIdle(collect);
    if (remaining.length === 0) this.slots.forEach(collect);
    return remaining[0];
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        this.pauses.delete(resume);
        this.clock.clearTimeout(timer);
        resolve();
      };
      const timer = this.clock.setTimeout(resume, ms);
      timer.unref();
      this.pauses.add(resume);
    });
  }
}
