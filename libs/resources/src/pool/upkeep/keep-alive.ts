import type { ValidationPolicy } from '../../policies/upkeep/validation-policy.js';
import type { Slot } from '../slots/slot.js';
import type { SlotTable } from '../slots/slot-table.js';

/** What a round of keep-alives asks of the pool. */
export interface KeepAliveHost<T> {
  /** Whether idle resources may be validated now. */
  readonly mayKeepAlive: boolean;
  /** Validates an idle resource. Resolves when it is back, or gone; never rejects. */
  keepAlive(slot: Slot<T>): Promise<void>;
}

/** Most resources that are kept alive at the same time, a count. */
const AT_ONCE = 3;

/**
 * Validates idle resources that nobody has used for a while, a few at a time, the least recently used first. A round
 * ends before the next one begins, so that a server that hangs is not asked by more and more of them.
 */
export class KeepAlive<T> {
  private due: Slot<T>[] = [];
  private workers = 0;

  constructor(private readonly host: KeepAliveHost<T>) {}

  /** Begins a round, unless one is on its way. */
  round(slots: SlotTable<T>, policy: ValidationPolicy, now: number): void {
    if (policy.keepAlive === Infinity || this.workers > 0) return;
    slots.forEachIdle((slot) => {
      const seenAt = Math.max(slot.aliveAt, slot.idleSince);
      if (policy.isOverlooked(seenAt, slot.jitterFactor, now)) this.due.push(slot);
    });
    this.due.reverse();
    while (this.workers < AT_ONCE && this.due.length > 0) void this.work();
  }

  private async work(): Promise<void> {
    this.workers++;
    for (let slot = this.next(); slot !== undefined; slot = this.next()) await this.host.keepAlive(slot);
    this.workers--;
  }

  /** One that still is idle and has not been used meanwhile. */
  private next(): Slot<T> | undefined {
    if (!this.host.mayKeepAlive) this.due = [];
    for (let slot = this.due.pop(); slot !== undefined; slot = this.due.pop()) {
      if (slot.state === 'idle' && slot.uses === slot.usesSeen) return slot;
    }
    return undefined;
  }
}
