import type { TurnTime } from '../../time/turn-time.js';
import { CollectedLeases } from './collected-leases.js';
import { type Lease, type LeaseHost, type LeaseOrigin, PoolLease } from './lease.js';
import { LeakWatch } from './leak-watch.js';
import type { PoolEvents } from '../pool-events.js';
import type { PoolSettings } from '../pool-options.js';
import type { PoolTime } from '../pool-time.js';
import { Sizer } from '../sizing/sizer.js';
import type { Slot } from '../slots/slot.js';

/** How a loan ends. */
export type LoanEnd = 'released' | 'leaked' | 'abandoned';

/** What a pool that lends hears of its loans. */
export interface LeaseLedgerHost<T> extends LeaseHost<T> {
  /** A lease whose user is gone, or has held it for too long. It may have ended. */
  overdue(lease: PoolLease<T>): void;
}

/**
 * Begins and ends loans: makes the lease, counts, reports, and watches for leases that don't come back. What
 * becomes of the resource is the business of the dispatcher.
 */
export class LeaseLedger<T> {
  /** Leases handed out since the start, a count. */
  began = 0;
  /** Leases that ended since the start, a count. */
  ended = 0;
  private readonly leaks: LeakWatch<T>;
  private collected: CollectedLeases<T> | undefined;
  /** Measures, where the size is found by measuring. */
  private sizer: Sizer | undefined;

  constructor(
    private readonly host: LeaseLedgerHost<T>,
    private settings: PoolSettings,
    private readonly time: PoolTime,
    private readonly turn: TurnTime,
    private readonly events: PoolEvents,
  ) {
    this.leaks = new LeakWatch(host.type, settings, events);
    this.reconfigure(settings);
  }

  reconfigure(settings: PoolSettings): void {
    this.settings = settings;
    this.leaks.reconfigure(settings);
    this.sizer = Sizer.for(settings, this.sizer, this.time.clock.now());
    if (!settings.reclaimCollected) this.collected = undefined;
    else
      this.collected ??= new CollectedLeases((lease) => this.time.ground.run(() => this.host.overdue(lease)));
  }

  /** @returns the settings with the size that was found, if it is found */
  sized(settings: PoolSettings): PoolSettings {
    return this.sizer === undefined ? settings : { ...settings, max: this.sizer.max };
  }

  /** @returns whether the size has changed */
  findSize(now: number, pending: number, leased: number): boolean {
    return this.sizer !== undefined && this.sizer.decide(now, pending, leased);
  }

  /** To be called where a loan is asked for. */
  trace(): LeaseOrigin | undefined {
    return this.leaks.trace();
  }

  /** @param queuedAt since when the borrower has been waiting; undefined when it has not */
  begin(
    slot: Slot<T>,
    owner: string,
    tenant: string,
    origin: LeaseOrigin | undefined,
    queuedAt?: number,
  ): Lease<T> {
    // A lease that may be revoked for its age needs the exact time; for a report, that of the turn will do.
    const now = this.settings.maxLeaseTime === Infinity ? this.turn.now() : this.time.clock.now();
    const lease = new PoolLease(this.host, slot, now, owner, tenant, ++this.began, origin);
    slot.lease = lease;
    if (this.sizer !== undefined && queuedAt !== undefined) this.sizer.loanBegan(now - queuedAt);
    if (this.events.observed) this.events.emit({ kind: 'acquired', type: this.host.type, owner });
    return this.collected === undefined ? lease : this.collected.watch(lease);
  }

  /** @param kind `leaked` when it is taken back by force, `abandoned` when its work may go on */
  end(lease: PoolLease<T>, kind: LoanEnd): void {
    lease.slot.lease = undefined;
    this.ended++;
    if (this.sizer !== undefined) this.sizer.loanEnded(this.turn.now() - lease.acquiredAt);
    if (this.leaks.suspicious) this.leaks.loanEnded(lease, kind === 'released');
    if (this.events.observed) this.events.emit({ kind, type: this.host.type, owner: lease.owner });
  }

  /** Looks whether a lease has been held for too long. */
  look(lease: PoolLease<T>, now: number): void {
    const age = now - lease.acquiredAt;
    if (age >= this.settings.maxLeaseTime) this.host.overdue(lease);
    else this.leaks.look(lease, age);
  }
}
