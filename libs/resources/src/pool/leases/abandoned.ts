import type { Clock, ClockTimer } from '../../time/clock.js';
import type { PoolSettings } from '../pool-options.js';
import type { Slot } from '../slots/slot.js';
import type { SlotTable } from '../slots/slot-table.js';

/** What abandoned resources ask of the pool. */
export interface AbandonedHost<T> {
  retire(slot: Slot<T>, reason: 'abandoned'): Promise<void>;
  /** The process may have been frozen: such time does not count. */
  noticeFreeze(now: number): void;
}

/**
 * The resources whose loan was given up while work with them may go on unseen: held out of service for a while, and then
 * retired, the first to come first. They keep their places meanwhile. One timer for all, which holds no process.
 */
export class Abandoned<T> {
  private timer: ClockTimer | undefined;

  constructor(
    private readonly slots: SlotTable<T>,
    private settings: PoolSettings,
    private readonly clock: Clock,
    private readonly host: AbandonedHost<T>,
  ) {}

  /** With the bounds in force from now on. */
  reconfigure(settings: PoolSettings): void {
    this.settings = settings;
    this.settle(this.clock.now());
  }

  /** @param slot on loan until now */
  hold(slot: Slot<T>): void {
    const now = this.clock.now();
    slot.retireReason = 'abandoned';
    slot.idleSince = now;
    this.slots.addHeld(slot);
    this.settle(now);
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Retires whose time has come, and waits for the next. */
  private settle(now: number): void {
    const { slots, settings, host } = this;
    for (
      let slot = slots.longestHeld;
      slot !== undefined && this.mustGo(slot, now);
      slot = slots.longestHeld
    ) {
      void host.retire(slot, 'abandoned');
    }
    this.stop();
    const due = (slots.longestHeld?.idleSince ?? Infinity) + settings.abandonment.wait;
    if (due === Infinity) return;
    this.timer = this.clock.setTimeout(() => this.look(), Math.max(0, due - now));
    this.timer.unref();
  }

  private look(): void {
    const now = this.clock.now();
    this.host.noticeFreeze(now);
    this.settle(now);
  }

  private mustGo({ idleSince }: Slot<T>, now: number): boolean {
    const { slots, settings } = this;
    const { abandonment, max } = settings;
    if (slots.size > max) return true;
    return abandonment.retires({ count: slots.held, since: idleSince }, max, now);
  }
}
