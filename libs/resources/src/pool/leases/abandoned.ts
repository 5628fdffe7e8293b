import type { Clock, ClockTimer } from '../../time/clock.js';
import type { PoolSettings } from '../pool-options.js';
import type { Inventory } from '../inventory.js';
import type { Slot } from '../slots/slot.js';
import type { Housekeeper } from '../upkeep/housekeeper.js';

/** What abandoned resources ask of the pool; implemented by the dispatcher. */
export interface AbandonedHost<T> {
  readonly inventory: Pick<Inventory<T>, 'slots'>;
  /** Notices that the process was frozen: such time does not count. */
  readonly housekeeper: Pick<Housekeeper<T>, 'look'>;
  retire(slot: Slot<T>, reason: 'abandoned'): Promise<void>;
}

/**
 * The resources whose loan was given up while work with them may go on unseen: held out of service for a while, and then
 * retired, the first to come first. They keep their places meanwhile. One timer for all, which holds no process.
 */
export class Abandoned<T> {
  private timer: ClockTimer | undefined;

  constructor(
    private readonly host: AbandonedHost<T>,
    private settings: PoolSettings,
    private readonly clock: Clock,
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
    this.host.inventory.slots.addHeld(slot);
    this.settle(now);
  }

  stop(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Retires whose time has come, and waits for the next. */
  private settle(now: number): void {
    const { settings, host } = this;
    const { slots } = host.inventory;
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
    this.host.housekeeper.look(now);
    this.settle(now);
  }

  private mustGo({ idleSince }: Slot<T>, now: number): boolean {
    const { slots } = this.host.inventory;
    const { abandonment, max } = this.settings;
    if (slots.size > max) return true;
    return abandonment.retires({ count: slots.held, since: idleSince }, max, now);
  }
}
