import { answersLater } from '../../hooks/answers-later.js';
import { DemandWindow } from '../../policies/upkeep/demand-window.js';
import type { RetireReason } from '../../reports/retire-reason.js';
import type { NeutralGround } from '../../time/neutral-ground.js';
import type { Inventory } from '../inventory.js';
import type { LeakSettings } from '../leases/leak-options.js';
import type { PoolLease } from '../leases/lease.js';
import type { PoolEvents } from '../pool-events.js';
import type { WaiterQueue } from '../queue/waiter-queue.js';
import type { SizingSettings } from '../sizing/sizing-options.js';
import type { Slot } from '../slots/slot.js';
import type { RetirementSettings } from './retirement-options.js';

/** What a sweep goes by. */
export type SweepSettings = RetirementSettings &
  Pick<SizingSettings, 'minimum'> &
  Pick<LeakSettings, 'maxLeaseTime' | 'warnAfter'>;

/** The pool that is looked over; implemented by the dispatcher. */
export interface RetirementSweepHost<T> {
  readonly type: string;
  readonly events: PoolEvents;
  readonly inventory: Pick<Inventory<T>, 'keeps' | 'retire' | 'slots'>;
  readonly queue: Pick<WaiterQueue<T>, 'size'>;
  /** Looks whether a lease has been held for too long. */
  readonly ledger: { look(lease: PoolLease<T>, now: number): void };
}

/** Over which part of `maxLifetime` those retire that became too old while the process was frozen. */
const THAW_SPREAD = 0.1;

/** Looks over all resources of a pool: which have been idle for too long, are too old, unwanted, or not needed; and which leases are overdue. */
export class RetirementSweep<T> {
  private demand: DemandWindow | undefined;
  private sampledAt = -Infinity;

  constructor(
    private readonly host: RetirementSweepHost<T>,
    private settings: SweepSettings,
    private readonly ground: NeutralGround,
  ) {
    this.reconfigure(settings);
  }

  reconfigure(settings: SweepSettings): void {
    this.settings = settings;
    const length = settings.prune?.samples;
    if (length !== this.demand?.length)
      this.demand = length === undefined ? undefined : new DemandWindow(length);
  }

  run(now: number): void {
    const { host, settings } = this;
    const { inventory, ledger } = host;
    const { slots } = inventory;
    slots.forEachIdle((slot) => {
      slot.usesSeen = slot.uses;
      const reason = this.against(slot, now);
      if (reason !== undefined && slot.state === 'idle') void inventory.retire(slot, reason);
    });
    this.prune(now);
    if (settings.maxLeaseTime === Infinity && settings.warnAfter === Infinity) return;
    slots.forEach(({ lease }) => lease !== undefined && ledger.look(lease, now));
  }

  /**
   * After the process was frozen: the time does not count, neither as idle nor as loan; what has become too old
   * goes in turn rather than all at once; and every idle resource has to prove that it is alive.
   *
   * @param gap milliseconds that the clock has counted meanwhile
   */
  thaw(gap: number, now: number): void {
    const { host, settings } = this;
    const { slots } = host.inventory;
    const old: Slot<T>[] = [];
    slots.forEach((slot) => {
      slot.idleSince += gap;
      if (slot.lease !== undefined) slot.lease.acquiredAt += gap;
      if (slot.state === 'idle' && slot.factory.validate !== undefined) slot.aliveAt = -Infinity;
      if (slot.expiresAt <= now) old.push(slot);
    });
    const spread = settings.retirement.maxLifetime * THAW_SPREAD;
    for (const [index, slot] of old.entries()) slot.expiresAt = now + (spread * (index + 1)) / old.length;
    this.demand?.clear();
  }

  /** Asks the user's predicate about a resource that has just come back. */
  returned(slot: Slot<T>, now: number): void {
    slot.idleSince = now; // exactly
    if (slot.retireReason === undefined && this.isUnwanted(slot, now)) slot.retireReason = 'predicate';
  }

  /**
   * Retires an idle resource that must not be lent any more. If that is so because it was idle for too long, the one that has been idle for
   * longest goes in its place.
   *
   * @returns false when this one may be lent
   */
  retireOverdue(slot: Slot<T>, now: number): boolean {
    const reason = this.overdue(slot, now);
    if (reason === undefined) return false;
    const { inventory } = this.host;
    const { longestIdle = slot } = inventory.slots;
    const other = reason === 'idle' && this.overdue(longestIdle, now) === reason;
    void inventory.retire(other ? longestIdle : slot, reason);
    return true;
  }

  private against(slot: Slot<T>, now: number): RetireReason | undefined {
    return this.overdue(slot, now) ?? (this.isUnwanted(slot, now) ? 'predicate' : undefined);
  }

  private overdue(slot: Slot<T>, now: number): 'lifetime' | 'idle' | undefined {
    const { minimum, retirement } = this.settings;
    if (this.host.inventory.keeps(slot)) return undefined;
    if (slot.expiresAt <= now) return 'lifetime';
    if (!retirement.isIdleTooLong(slot.idleSince, now)) return undefined;
    const { inService, idle } = this.host.inventory.slots;
    return minimum.spares({ existing: inService, idle }) ? 'idle' : undefined;
  }

  private isUnwanted(slot: Slot<T>, now: number): boolean {
    const { predicate } = this.settings;
    if (predicate === undefined || this.host.inventory.keeps(slot)) return false;
    const { id, resource, createdAt, idleSince, uses } = slot;
    try {
      const life = { age: now - createdAt, idleFor: now - idleSince, uses };
      const answer: unknown = this.ground.run(() => predicate(resource, life));
      if (answersLater(answer))
        throw new TypeError('the predicate must answer at once, and returned a promise');
      return answer === true;
    } catch (cause) {
      const { events, type } = this.host;
      events.emitTrouble({ kind: 'predicateFailed', type, resourceId: id, cause });
      return false;
    }
  }

  /** Retires what was not needed for half of the time, the least recently used first. */
  private prune(now: number): void {
    const { settings, demand, host } = this;
    const { slots } = host.inventory;
    if (demand === undefined || settings.prune === undefined) return;
    if (now - this.sampledAt < settings.prune.interval) return;
    this.sampledAt = now;
    demand.add(slots.inService - slots.idle + host.queue.size);
    const { median } = demand;
    if (median === undefined) return;
    const { minimum } = settings;
    slots.forEachIdle((slot) => {
      const { inService, idle } = slots;
      const isSpare = minimum.spares({ existing: inService, idle }) && !host.inventory.keeps(slot);
      if (isSpare && inService > median) void host.inventory.retire(slot, 'pruned');
    });
  }
}
