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
  /** What is older than this, and is lent at all, is kept: it neither ages nor is spared. 0 when nothing is. */
  kept = 0;
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
  flush(spread: number): Promise<void> {
    return this.seeOut(++this.current, spread);
  }

  /**
   * Begins the next generation with these, which are lent from now on before all others. What is older is kept.
   *
   * @returns its number
   */
  begin(young: readonly Slot<T>[]): number {
    const next = ++this.current;
    for (const slot of young) slot.generation = next;
    this.slots.favoured = this.kept = next;
    return next;
  }

  /** Takes what is kept on as the next generation. What was made since {@link begin} is seen out. */
  goBack(): void {
    const { kept, oldest, slots } = this;
    const next = ++this.current;
    slots.forEach((slot) => {
      if (slot.generation >= oldest && slot.generation < kept) slot.generation = next;
    });
    this.kept = slots.favoured = 0;
    void this.seeOut(next, 0);
  }

  /** Keeps nothing any more: sees out what is older than what has begun last. */
  async settle(spread: number): Promise<void> {
    const { kept } = this;
    this.kept = 0;
    await this.seeOut(kept, spread);
  }

  /** @param next of what is older than this, nothing is to be left */
  private async seeOut(next: number, spread: number): Promise<void> {
    const going: Promise<void>[] = [];
    const count = spread > 0 ? this.countBefore(next) : 0;
    for (let turn = 0; turn < count; turn++) {
      await this.pause(spread / count);
      if (this.ended) break;
      const slot = this.firstBefore(next);
      if (slot?.state === 'idle') going.push(this.retire(slot, 'flushed'));
      else if (slot !== undefined) slot.retireReason = 'flushed';
    }
    this.oldest = Math.max(this.oldest, next);
    if (this.slots.favoured === next) this.slots.favoured = 0;
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

  private countBefore(generation: number): number {
    let count = 0;
    this.slots.forEach((slot) => {
      if (slot.generation < generation) count++;
    });
    return count;
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
